using EdgeCam.Agent.Cameras.Rtsp;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// A camera that gives two streams of the same picture itself (an IP camera's profiles, two nodes of a USB camera): two sources, each of
/// which restarts by itself. The second one runs whether somebody takes it or not, so that it is there at once.
/// </summary>
internal sealed class PairedSource(ICameraSource main, ICameraSource second) : ICameraSource
{
    public ICameraSource? Substream => second;

    public bool HasLiveBitrate => main.HasLiveBitrate;

    /// <summary>What the first source is made from: without a substream of ours.</summary>
    public static CameraOptions First(CameraOptions options) => options with { Substream = new(Enabled: false) };

    /// <summary>What the second source is made from: the camera's options, with the substream's source, size, rate and bitrate.</summary>
    public static CameraOptions Second(CameraOptions options)
    {
        var plan = EncoderPlan.From(options).Substream!.Value;
        var source = options.Substream.Source!;
        var runsProgram = source.StartsWith("rpicam:", StringComparison.Ordinal);
        return options with
        {
            Name = $"{options.Name} (substream)",
            Source = source,
            Width = plan.Width,
            Height = plan.Height,
            FrameRate = plan.FrameRate,
            Bitrate = (int)plan.Bitrate,
            Level = null,
            Command = runsProgram ? options.Command : null,
            ExtraArguments = runsProgram ? options.ExtraArguments : null,
            Orientation = runsProgram ? options.Orientation : "normal",
            CredentialsFile = source.StartsWith(RtspAddress.Scheme, StringComparison.Ordinal) ? options.CredentialsFile : null,
            Controls = null,
            Substream = new(Enabled: false),
        };
    }

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => main.RunAsync(sink, stop);

    public bool RequestKeyFrame() => main.RequestKeyFrame();

    public void SetBitrate(long bitsPerSecond) => main.SetBitrate(bitsPerSecond);

    public void SetWanted(bool isWanted) => main.SetWanted(isWanted);
}
