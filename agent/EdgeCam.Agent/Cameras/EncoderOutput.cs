using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>One of our encoders and what follows it: its access units are checked like a camera's and given to its feed.</summary>
internal sealed class EncoderOutput : IDisposable
{
    private readonly EncoderControl _control;
    private readonly CameraFeed _feed;
    private readonly PictureReader _reader;

    /// <param name="open">Opens the encoder; null: libx264.</param>
    /// <exception cref="EncoderException">It cannot be opened.</exception>
    public EncoderOutput(EncoderSettings settings, EncoderControl control, CameraFeed feed, AccessUnitPool pool, Func<EncoderSettings, IPictureEncoder>? open = null)
    {
        (_control, _feed) = (control, feed);
        Encoder = (open ?? OpenSoftware)(settings with { Bitrate = control.Bitrate });
        _reader = new(pool);
        control.Note(Encoder);
    }

    /// <summary>Where its pictures are written before they are encoded.</summary>
    public IPictureEncoder Encoder { get; }

    public long Pictures => _reader.Pictures;

    public string? Fault => _reader.Fault;

    public static IPictureEncoder OpenSoftware(EncoderSettings settings) => H264Encoder.Open(AvLibrary.Load(), settings);

    public void Encode(Instant captureTime)
    {
        Encoder.SetBitrate(_control.Bitrate);
        Encoder.Encode(captureTime, _control.TryTakeKeyFrameRequest());
        _control.Note(Encoder);
        while (Encoder.TryTake(out var bytes, out var capturedAt))
        {
            var nalUnits = new AnnexBSpan(bytes);
            while (_reader.TryRead(ref nalUnits, capturedAt, endsPicture: true) is { } unit)
            {
                using (unit)
                    _feed.Give(unit, _reader);
            }
        }
    }

    public void Dispose()
    {
        Encoder.Dispose();
        _reader.Dispose();
    }
}
