using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// The substream's branch behind the main encoder: every so many pictures one is made smaller and encoded, while somebody takes it. It
/// begins with an IDR picture each time. An encoder that fails costs the substream, and not the main stream; it is opened again, with back-off.
/// </summary>
/// <param name="open">Opens its encoder; null: libx264.</param>
/// <param name="blame">Told what an encoder failed with at work, before the next one is opened.</param>
internal sealed class SubstreamOutput(
    EncoderPlan plan, EncoderControl control, CameraFeed feed, AccessUnitPool pool, Func<EncoderSettings, IPictureEncoder>? open = null, Action<string>? blame = null) : IDisposable
{
    private readonly EncoderSettings _settings = plan.Substream!.Value;
    private readonly PictureScaler _scaler = new(plan.Main, plan.Substream.Value);
    private readonly RestartBackoff _backoff = new(static () => 1); // nothing else opens encoders at that moment
    private EncoderOutput? _output; // from the first time on that it is wanted
    private Instant _opened;
    private Instant _nextAttempt;
    private int _phase;
    private bool _isRunning;

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
        if (captureTime < _nextAttempt)
            return;
        try
        {
            Encode(main, captureTime);
        }
        catch (EncoderException failure)
        {
            if (_output is not null)
                blame?.Invoke(failure.Message);
            GiveUp(failure.Message, captureTime);
        }
    }

    public void Dispose()
    {
        Pause();
        _output?.Dispose();
    }

    private void Encode(EncoderOutput main, Instant captureTime)
    {
        if (_output is null)
            (_output, _opened) = (new(_settings, control, feed, pool, open), captureTime);
        _output.Encoder.Begin();
        _scaler.Scale(main.Encoder, _output.Encoder);
        _output.Encode(captureTime);
        if (_output.Fault is { } fault)
            GiveUp(fault, captureTime);
    }

    private void GiveUp(string reason, Instant now)
    {
        _nextAttempt = now + _backoff.Next(_output is { Pictures: > 0 } ? now - _opened : TimeSpan.Zero);
        _output?.Dispose();
        _output = null;
        feed.Refuse(reason);
    }

    /// <summary>What was made before must not look live to whoever comes next.</summary>
    private void Pause()
    {
        if (_isRunning)
            feed.Start();
        _isRunning = false;
    }
}
