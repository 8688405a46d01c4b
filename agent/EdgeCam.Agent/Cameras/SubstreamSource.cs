namespace EdgeCam.Agent.Cameras;

/// <summary>A camera's substream as a source of its own: the camera's thread makes its pictures beside the main ones, while they are wanted.</summary>
internal sealed class SubstreamSource(EncoderControl control) : ICameraSource
{
    private volatile IAccessUnitSink? _sink;

    public bool HasLiveBitrate => control.HasLiveBitrate;

    /// <summary>Where its pictures go; null while it does not run.</summary>
    public IAccessUnitSink? Sink => _sink;

    public async Task RunAsync(IAccessUnitSink sink, CancellationToken stop)
    {
        _sink = sink;
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sink = null;
    }

    public bool RequestKeyFrame() => control.TryRequestKeyFrame();

    public void SetBitrate(long bitsPerSecond) => control.Bitrate = bitsPerSecond;

    public void SetWanted(bool isWanted) => control.IsWanted = isWanted;
}
