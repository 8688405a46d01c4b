using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>One of our encoders and what follows it: its access units are checked like a camera's and given to its feed.</summary>
internal sealed class EncoderOutput(EncoderSettings settings, EncoderControl control, CameraFeed feed, AccessUnitPool pool) : IDisposable
{
    private readonly PictureReader _reader = new(pool);

    /// <summary>Where its pictures are written before they are encoded.</summary>
    public H264Encoder Encoder { get; } = H264Encoder.Open(AvLibrary.Load(), settings with { Bitrate = control.Bitrate });

    public long Pictures => _reader.Pictures;

    public string? Fault => _reader.Fault;

    public void Encode(Instant captureTime)
    {
        Encoder.SetBitrate(control.Bitrate);
        var bytes = Encoder.Encode(control.TryTakeKeyFrameRequest());
        bytes.CopyTo(_reader.GetMemory(bytes.Length).Span);
        _reader.Advance(bytes.Length, captureTime);
        _reader.Flush();
        while (_reader.TryRead() is { } unit)
        {
            using (unit)
                feed.Give(unit, _reader);
        }
    }

    public void Dispose()
    {
        Encoder.Dispose();
        _reader.Dispose();
    }
}
