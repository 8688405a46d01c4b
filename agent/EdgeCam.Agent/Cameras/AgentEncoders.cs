using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>The agent's encoders in one run of a camera that gives raw pictures: the main stream's, what is cut out before it, and the substream's after it. Belongs to the camera's thread.</summary>
/// <param name="main">It, and what follows, is disposed with this.</param>
/// <param name="cutter">Null: pictures are encoded whole.</param>
/// <param name="blame">Told what the main stream's encoder fails with.</param>
internal sealed class AgentEncoders(EncoderOutput main, SubstreamOutput? sub, PictureCutter? cutter, Action<string>? blame = null) : IDisposable
{
    /// <summary>Where a picture is to be written before it is encoded.</summary>
    public IPictureEncoder Main => main.Encoder;

    /// <summary>Access units of the main stream.</summary>
    public long Pictures => main.Pictures;

    /// <summary>Why the encoder cannot go on; null while it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>Why what it gives cannot be shown; null while it can.</summary>
    public string? Fault => main.Fault;

    /// <summary>A picture is written from here on.</summary>
    /// <returns>False with a <see cref="Failure"/>.</returns>
    public bool TryBegin()
    {
        try
        {
            main.Encoder.Begin();
            return true;
        }
        catch (EncoderException failure)
        {
            Fail(failure);
            return false;
        }
    }

    /// <summary>The picture is written: it is encoded and given on.</summary>
    public void Encode(Instant captureTime)
    {
        try
        {
            cutter?.Cut(main.Encoder);
            main.Encode(captureTime);
        }
        catch (EncoderException failure)
        {
            Fail(failure);
            return;
        }

        if (main.Pictures > 0)
            cutter?.Begin();
        sub?.Take(main, captureTime);
    }

    public void Dispose()
    {
        cutter?.Dispose();
        sub?.Dispose();
        main.Dispose();
    }

    private void Fail(EncoderException failure)
    {
        Failure = failure.Message;
        blame?.Invoke(failure.Message);
    }
}
