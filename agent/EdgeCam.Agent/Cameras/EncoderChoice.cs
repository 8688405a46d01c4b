using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Cameras;

/// <summary>Who encodes a camera's pictures.</summary>
/// <param name="Options">With <c>encoder</c> decided; it stays "auto" where that turns out only at work: ours takes the place of a program's encoder that cannot be steered, and encodes what a device node gives otherwise than as H.264.</param>
/// <param name="Reason">For the log, in one line.</param>
internal sealed record EncoderChoice(CameraOptions Options, string Reason)
{
    private static readonly string[] s_steered = ["rpicam-vid", "libcamera-vid"];

    /// <summary>The agent encodes, or will where a device node turns out not to: there is a substream then.</summary>
    public bool MayEncode => Options.MayEncode;

    /// <summary>The same each time on the same machine, unless a hardware encoder turns up there.</summary>
    public static EncoderChoice For(CameraOptions options, IEncoderMachine? machine = null)
    {
        machine ??= EncoderMachine.This;
        if (options.Encoder != "auto")
            return new(options, $"encoder is \"{options.Encoder}\" in the configuration");
        if (options.Source.StartsWith(V4l2Source.Scheme, StringComparison.Ordinal))
            return new(options, "its formats decide whether the agent encodes");
        var its = options with { Encoder = "camera" };
        if (!options.Source.StartsWith("rpicam:", StringComparison.Ordinal))
            return new(its, "it gives H.264 by itself");
        if (!IsSteered(options))
            return new(its, "command stands in rpicam-vid's place, and is asked for H.264");
        if (machine.FindHardware(out var why) is { } hardware)
            return new(options, $"this machine has a hardware encoder, {hardware}");
        var ours = options with { Encoder = "software" };
        return machine.FindMistake(ours) is { } mistake
            ? new(its, $"no hardware encoder is found ({why}), and the agent cannot encode: {mistake}")
            : new(ours, $"no hardware encoder is found: {why}");
    }

    /// <summary>Whether a camera's program is one whose encoder can be looked for: another one's nodes are its own affair.</summary>
    public static bool IsSteered(CameraOptions options) =>
        options.Source.StartsWith("rpicam:", StringComparison.Ordinal) && (options.Command is null || s_steered.Contains(Path.GetFileName(options.Command[0])));
}
