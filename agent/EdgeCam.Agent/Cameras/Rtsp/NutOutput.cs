using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>H.264 in NUT from a camera's reader: each frame is a whole picture, and its time is the camera's.</summary>
/// <param name="where">The camera's address, for messages.</param>
internal sealed class NutOutput(string where, CameraFeed feed, AccessUnitPool pool, Func<Instant> clock) : ICameraOutput
{
    private const int Chunk = 256 * 1024;
    private const int LongestWaitMs = 250;

    private readonly NutReader _nut = new();
    private readonly PictureReader _reader = new(pool);
    private readonly SourceClock _time = new();
    private byte[] _told = []; // parameter sets that came with the session's description
    private string? _fault;
    private long _undecodable;
    private long _withoutStartCode;

    public int WaitMs => LongestWaitMs;

    public long Pictures => _reader.Pictures;

    public string? Fault => _fault ?? _reader.Fault;

    public bool Read(CameraProcess process)
    {
        var count = process.Read(_nut.GetSpan(Chunk)[..Chunk]);
        if (count == 0)
            return false;
        _nut.Advance(count);
        while (_nut.TryRead(out var frame, out var bytes) && Fault is null)
            Take(frame, bytes);
        _fault ??= _nut.Fault is { } fault ? $"What ffmpeg writes of {where} is not what was asked for: {fault}." : FindOtherCodec();
        return true;
    }

    public void HandleIdle()
    {
    }

    public string? DescribeWait() => _reader.Undecodable - _undecodable >= PictureFaults.Several ? PictureFaults.NoKeyFrame : null;

    public string? DescribeNonsense() => null;

    public void Dispose() => _reader.Dispose();

    private void Take(NutFrame frame, ReadOnlySpan<byte> bytes)
    {
        if (FindOtherCodec() is { } other)
        {
            _fault = other;
            return;
        }

        var at = _time.At(frame.Time, clock());
        if (_told != _nut.CodecData)
        {
            _told = _nut.CodecData;
            Give(new AnnexBSpan(_told), at, endsPicture: false);
        }

        var nalUnits = new AnnexBSpan(bytes);
        if (nalUnits.SkippedBytes == bytes.Length && ++_withoutStartCode >= PictureFaults.Several && _reader.Pictures == 0)
            _fault = $"{where} sends H.264 without start codes (Annex B): update ffmpeg.";
        Give(nalUnits, at, endsPicture: true);
    }

    private void Give(AnnexBSpan nalUnits, Instant at, bool endsPicture)
    {
        while (_reader.TryRead(ref nalUnits, at, endsPicture) is { } unit)
        {
            using (unit)
                feed.Give(unit, _reader);
            _undecodable = _reader.Undecodable;
        }
    }

    private string? FindOtherCodec() => _nut.Codec is "" or "H264"
        ? null
        : $"{where} sends {Name(_nut.Codec)}, which browsers do not show over WebRTC: set the camera to H.264, or name its second stream.";

    private static string Name(string codec) => codec.ToUpperInvariant() switch
    {
        "HEVC" or "H265" => "H.265 (HEVC)",
        "MJPG" => "Motion JPEG",
        var other => other,
    };
}
