using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// The substream's branch behind the main encoder: every so many pictures one is made smaller and encoded, while somebody takes it. It
/// begins with an IDR picture each time.
/// </summary>
/// <param name="open">Opens its encoder; null: libx264.</param>
internal sealed class SubstreamOutput(
    EncoderPlan plan, EncoderControl control, CameraFeed feed, AccessUnitPool pool, Func<EncoderSettings, IPictureEncoder>? open = null) : IDisposable
{
    private readonly EncoderSettings _settings = plan.Substream!.Value;
    private readonly PictureScaler _scaler = new(plan.Main, plan.Substream.Value);
    private EncoderOutput? _output; // from the first time on that it is wanted
    private int _phase;
    private bool _isRunning;

    public string? Fault => _output?.Fault;

    /// <summary>Takes the picture that the main encoder has just encoded, if it is this stream's turn.</summary>
    public void Take(EncoderOutput main, Instant captureTime)
    {
        if (!control.IsWanted)
        {
            Pause();
            return;
        }

        if (!_isRunning)
        {
            _isRunning = true;
            _phase = plan.Main.FrameRate - _settings.FrameRate; // the first is taken
            control.RequestKeyFrame();
            main.Encoder.KeepReadable();
        }

        _phase += _settings.FrameRate;
        if (_phase < plan.Main.FrameRate)
            return;
        _phase %= plan.Main.FrameRate;
        _output ??= new(_settings, control, feed, pool, open);
        _output.Encoder.Begin();
        _scaler.Scale(main.Encoder, _output.Encoder);
        _output.Encode(captureTime);
    }

    public void Dispose()
    {
        Pause();
        _output?.Dispose();
    }

    /// <summary>What was made before must not look live to whoever comes next.</summary>
    private void Pause()
    {
        if (_isRunning)
            feed.Start();
        _isRunning = false;
    }
}
