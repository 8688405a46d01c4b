using System.Text.Json;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent;

/// <summary><c>edgecam devices</c>: what cameras and encoders there are, what would be chosen of them and why; and whether an encoder does what it should.</summary>
internal static class DevicesCommand
{
    private const string Usage = "edgecam devices [--config FILE] [--json], or edgecam devices --try NODE [--codec H264] [--size 1280x720]";

    /// <param name="system">Null: this machine's nodes.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, IV4l2System? system = null)
    {
        system ??= new KernelV4l2();
        string[] others = [.. arguments.Where(static argument => argument != "--json")];
        var asJson = others.Length < arguments.Length;
        switch (others)
        {
            case []:
                return await ListAsync(system, [], asJson, output);
            case ["--config", var file]:
                return await CommandLine.ReadAsync(file, errors) is { } options ? await ListAsync(system, options.Cameras, asJson, output) : ExitCode.Configuration;
            case ["--try", var node, .. var rest] when !asJson && TryRead(rest, out var codec, out var size):
                return await TryAsync(system, node, codec!, size, output, errors);
            default:
                await errors.WriteLineAsync($"edgecam devices: {Usage}");
                return ExitCode.Usage;
        }
    }

    private static bool TryRead(string[] arguments, out M2mCodec? codec, out (int Width, int Height) size)
    {
        (codec, size) = (new M2mH264(), (1280, 720));
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
                return false;
            if (arguments[i] == "--codec")
                codec = M2mCodec.Of(arguments[i + 1]);
            else if (arguments[i] == "--size" && arguments[i + 1].Split('x') is [var width, var height] && int.TryParse(width, out var w) && int.TryParse(height, out var h) && w is >= 64 and <= 4096 && h is >= 64 and <= 4096)
                size = (w & ~1, h & ~1);
            else
                return false;
        }

        return codec is not null;
    }

    private static async Task<int> TryAsync(IV4l2System system, string path, M2mCodec codec, (int Width, int Height) size, TextWriter output, TextWriter errors)
    {
        var settings = new EncoderSettings(size.Width, size.Height, 30, 4_000_000, 60);
        List<string> said = [];
        var isGood = false;
        string? failure = null;
        try
        {
            using var encoder = new M2mEncoder(path, system.OpenEncoder(path), codec, settings, static () => MonotonicClock.Now);
            said.Add(encoder.Words);
            using var trial = new M2mTrial(encoder, settings, codec is M2mH264, said.Add);
            isGood = trial.Run();
        }
        catch (EncoderException problem)
        {
            failure = problem.Message;
        }
        catch (V4l2Exception problem)
        {
            failure = V4l2Faults.ExplainOnce(path, problem);
        }

        foreach (var line in said)
            await output.WriteLineAsync(line);
        if (failure is not null)
            await errors.WriteLineAsync(failure);
        return isGood ? ExitCode.Success : ExitCode.Start;
    }

    private static async Task<int> ListAsync(IV4l2System system, IReadOnlyList<CameraOptions> cameras, bool asJson, TextWriter output)
    {
        var report = new NodeSurvey(system, JpegDecoder.IsAvailable).Run(cameras);
        if (asJson)
            await output.WriteLineAsync(JsonSerializer.Serialize(report, DevicesJson.Default.DevicesReport));
        else
            await WriteAsync(report, output);
        return ExitCode.Success;
    }

    private static async Task WriteAsync(DevicesReport report, TextWriter output)
    {
        await output.WriteLineAsync("CAMERAS");
        foreach (var node in report.Nodes.Where(static node => node.Kind == "camera"))
        {
            await output.WriteLineAsync($"  {node.Path,-13} {node.Card} ({node.Driver})");
            foreach (var format in node.Formats.Where(static format => format.IsUsed))
            {
                await output.WriteLineAsync($"                {format.Name,-5} {format.Description}");
                foreach (var size in format.Sizes)
                    await output.WriteLineAsync($"                      {size}");
            }

            if (node.Formats.Any(static format => !format.IsUsed))
                await output.WriteLineAsync($"                not used: {string.Join(' ', node.Formats.Where(static format => !format.IsUsed).Select(static format => format.Name))}");
            foreach (var control in node.Controls)
                await output.WriteLineAsync($"                {control}");
            await output.WriteLineAsync($"                chosen by \"v4l2:{node.Path}\": {node.Choice}");
        }

        await output.WriteLineAsync($"  rpicam-vid    {report.Rpicam ?? "is not installed"}");
        await output.WriteLineAsync("ENCODERS");
        foreach (var node in report.Nodes.Where(static node => node.Kind == "encoder"))
            await output.WriteLineAsync($"  {node.Path,-13} {node.Card} ({node.Driver}): {string.Join(' ', node.Takes)} to {string.Join(' ', node.Formats.Select(static format => format.Name))}; {node.Choice}");
        await output.WriteLineAsync($"  software      {report.Software}");
        if (report.Nodes.Any(static node => node.Kind == "other"))
            await output.WriteLineAsync("OTHERS");
        foreach (var node in report.Nodes.Where(static node => node.Kind == "other"))
            await output.WriteLineAsync($"  {node.Path,-13} {node.Problem}");
        if (report.Choices.Count > 0)
            await output.WriteLineAsync("CONFIGURED");
        foreach (var choice in report.Choices)
            await output.WriteLineAsync($"  {choice.Camera,-13} {choice.Source}: {choice.Choice}");
    }
}
