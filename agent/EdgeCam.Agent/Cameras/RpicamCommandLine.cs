using System.Globalization;

namespace EdgeCam.Agent.Cameras;

/// <summary>The command line for rpicam-vid, or for the command configured in its place.</summary>
internal static class RpicamCommandLine
{
    /// <summary>Newer options that older releases refuse; left out once that is seen. They matter where there is no hardware encoder (Pi 5).</summary>
    public static readonly IReadOnlyList<string> Optional = ["--low-latency", "--libav-format"];

    private static readonly string[] Programs = ["rpicam-vid", "libcamera-vid"]; // the second is its name before 2024

    public static string? FindMistake(CameraOptions options)
    {
        if (options.Command is [])
            return $"Command of camera '{options.Name}' is empty: name a program, or leave the key out to run rpicam-vid.";
        if ((options.Width & 1) != 0 || (options.Height & 1) != 0)
            return $"Width and Height of camera '{options.Name}' must be even: {options.Width}x{options.Height} is not.";
        return options.AgentEncodes ? EncoderPlan.FindMistake(options) : null;
    }

    /// <summary>The program's path, or null and why there is none.</summary>
    public static (string? Path, string Reason) FindProgram(CameraOptions options)
    {
        string[] candidates = options.Command is { Length: > 0 } command ? [command[0]] : Programs;
        foreach (var candidate in candidates)
        {
            if (ChildProgram.Find(candidate) is { } path)
                return (path, "");
        }

        return (null, options.Command is null
            ? "rpicam-vid is not installed: apt install rpicam-apps-lite, or set Command to another program that writes H.264."
            : $"Command '{candidates[0]}' of camera '{options.Name}' is not found or not executable: give its full path.");
    }

    /// <summary>The arguments after the program's name. What ExtraArguments also sets is left to them.</summary>
    public static List<string> Arguments(CameraOptions options, IReadOnlySet<string> without)
    {
        var extra = options.ExtraArguments ?? [];
        List<string> arguments = options.Command is { Length: > 1 } command ? [.. command[1..]] : [];
        var index = options.Source["rpicam:".Length..];
        foreach (var (name, value) in Own(options, index))
        {
            if (without.Contains(name) || extra.Any(word => word == name || word.StartsWith(name + "=", StringComparison.Ordinal)))
                continue;
            arguments.Add(name);
            if (value is not null)
                arguments.Add(value);
        }

        return [.. arguments, .. extra];
    }

    private static IEnumerable<(string Name, string? Value)> Own(CameraOptions options, string index)
    {
        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        if (index is not "" and not "0")
            yield return ("--camera", index);
        yield return ("--codec", options.AgentEncodes ? "yuv420" : "h264");
        yield return ("--width", Text(options.Width));
        yield return ("--height", Text(options.Height));
        yield return ("--framerate", Text(options.FrameRate));
        if (!options.AgentEncodes)
        {
            yield return ("--bitrate", Text(options.Bitrate));
            yield return ("--intra", Text(options.KeyFrameInterval));
            yield return ("--inline", null);
            yield return ("--profile", options.Profile);
            yield return ("--level", options.Level ?? LowestLevel(options.Width, options.Height, options.FrameRate, options.Bitrate));
        }

        if (options.Orientation is "rotate180")
            yield return ("--rotation", "180");
        if (options.Orientation is "mirror")
            yield return ("--hflip", null);
        if (options.Orientation is "flip")
            yield return ("--vflip", null);
        yield return ("--flush", null);
        if (!options.AgentEncodes)
        {
            yield return ("--low-latency", null);
            yield return ("--libav-format", "h264");
        }

        yield return ("--verbose=0", null);
        yield return ("--nopreview", null);
        yield return ("--timeout", "0");
        yield return ("--output", "-");
    }

    /// <summary>H.264 Table A-1: macroblocks a second, macroblocks a picture, kbit/s in baseline and main. rpicam-vid knows no level below 4.</summary>
    public static string LowestLevel(int width, int height, int frameRate, long bitrate)
    {
        var picture = ((width + 15) / 16) * ((height + 15) / 16);
        var perSecond = (long)picture * frameRate;
        return (perSecond, picture, bitrate / 1000) switch
        {
            ( <= 245_760, <= 8_192, <= 20_000) => "4",
            ( <= 245_760, <= 8_192, <= 50_000) => "4.1",
            ( <= 522_240, <= 8_704, <= 50_000) => "4.2",
            ( <= 589_824, <= 22_080, _) => "5",
            _ => "5.1",
        };
    }
}
