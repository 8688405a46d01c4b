using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Says when a sender report is due, and writes it: SR and SDES with CNAME, and BYE at the end.
/// </summary>
/// <remarks>
/// A session of two that sends some hundred bytes of RTCP per second stays far below the 5 % of RFC 3550 §6.2, so its interval is fixed:
/// one second, the order of the reduced minimum (360 divided by the bandwidth in kbit/s), times 0.5 to 1.5 (§6.3.1). The first report goes
/// out with the first packet, since a viewer needs one to measure the round trip, and the others with the next picture, or alone where none
/// comes for half a second: alone each would cost the loop a turn. Timer reconsideration and BYE back-off (§6.3.3, §6.3.7)
/// are for large groups and left out.
/// </remarks>
internal sealed class SenderReporter(VideoSenderOptions options, RandomSource random, NtpClock clock, uint timestampOffset)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_company = TimeSpan.FromMilliseconds(500); // so long a report that is due waits for a picture

    private readonly byte[] _cname = Truncate(Encoding.UTF8.GetBytes(options.Cname));
    private Instant _dueAt = Instant.Never;
    private bool _isStarted;
    private bool _isDue;
    private bool _isClosing;

    /// <summary>When the next report goes out at the latest.</summary>
    public Instant NextTimeout => _dueAt == Instant.Never ? Instant.Never : _dueAt + s_company;

    public long Reports { get; private set; }

    /// <summary>The first packet was sent.</summary>
    public void Start(Instant now)
    {
        if (_isStarted)
            return;
        _isStarted = true;
        _isDue = true;
        Schedule(now);
    }

    /// <summary>With each picture, and at <see cref="NextTimeout"/>.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < _dueAt)
            return;
        _isDue = true;
        Schedule(now);
    }

    /// <summary>The stream is over: one last compound with BYE, where anything was sent.</summary>
    public void Close()
    {
        _isClosing = _isDue = _isStarted;
        _dueAt = Instant.Never;
    }

    /// <summary>Writes the compound that is due (RFC 3550 §6.1: a report first, then SDES).</summary>
    public bool TryWrite(Span<byte> buffer, long packets, long bytes, Instant now, out int length)
    {
        length = 0;
        if (!_isDue)
            return false;
        _isDue = false;
        Reports++;
        var writer = new RtcpWriter(buffer);
        var timestamp = RtpTimestamp.FromInstant(now, timestampOffset);
        writer.AddSenderReport(options.Ssrc, clock.At(now), timestamp, (uint)packets, (uint)bytes);
        if (options.RtxPayloadType is null)
            writer.AddSourceDescription(_cname, options.Ssrc);
        else
            writer.AddSourceDescription(_cname, options.Ssrc, options.RtxSsrc); // RFC 4588 §5.3: both have one CNAME
        if (_isClosing && options.RtxPayloadType is null)
            writer.AddGoodbye(options.Ssrc);
        else if (_isClosing)
            writer.AddGoodbye(options.Ssrc, options.RtxSsrc);
        length = writer.Length;
        return true;
    }

    private static byte[] Truncate(byte[] text) => text.Length <= 255 ? text : text[..255];

    private void Schedule(Instant now) => _dueAt = now + (s_interval * (0.5 + (random.NextUInt32() / (double)uint.MaxValue)));
}
