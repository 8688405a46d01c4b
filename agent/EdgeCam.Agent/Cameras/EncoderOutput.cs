using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>One of our encoders and what follows it: its access units are checked like a camera's and given to its feed.</summary>
/// <param name="open">Opens the encoder; null: libx264.</param>
internal sealed class EncoderOutput(
    EncoderSettings settings, EncoderControl control, CameraFeed feed, AccessUnitPool pool, Func<EncoderSettings, IPictureEncoder>? open = null) : IDisposable
{
    private readonly PictureReader _reader = new(pool);

    /// <summary>Where its pictures are written before they are encoded.</summary>
    public IPictureEncoder Encoder { get; } = (open ?? OpenSoftware)(settings with { Bitrate = control.Bitrate });

    public long Pictures => _reader.Pictures;

    public string? Fault => _reader.Fault;

    public static IPictureEncoder OpenSoftware(EncoderSettings settings) => H264Encoder.Open(AvLibrary.Load(), settings);

    public void Encode(Instant captureTime)
    {
        Encoder.SetBitrate(control.Bitrate);
        Encoder.Encode(captureTime, control.TryTakeKeyFrameRequest());
        while (Encoder.TryTake(out var bytes, out var capturedAt))
        {
            var nalUnits = new AnnexBSpan(bytes);
            while (_reader.TryRead(ref nalUnits, capturedAt, endsPicture: true) is { } unit)
            {
                using (unit)
                    feed.Give(unit, _reader);
            }
        }
    }

    public void Dispose()
    {
        Encoder.Dispose();
        _reader.Dispose();
    }
}
