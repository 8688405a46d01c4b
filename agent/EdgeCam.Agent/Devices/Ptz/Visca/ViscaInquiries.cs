using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>
/// Asks a head where it is, or, where that is not wanted, which one it is: each 200 ms while it moves, each 2 s while it stands, one at a time.
/// An answer also says that somebody is there.
/// </summary>
internal sealed class ViscaInquiries
{
    private const int PanTiltLength = 11;
    private const int ZoomLength = 7;
    private const int LongestAnswer = 11;
    private const int MaxUnanswered = 3;
    private static readonly TimeSpan s_moving = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_resting = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_afterwards = TimeSpan.FromSeconds(1); // it runs on for a while
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200); // besides what the bytes take

    private readonly ViscaOptions _options;
    private readonly SerialLine _line;
    private readonly byte[][] _inquiries;
    private readonly Instant?[] _askedAt;
    private readonly bool[] _isAnswered;
    private readonly Dictionary<PtzAxis, ushort> _told = [];
    private int? _asking;
    private Instant _giveUpAt;
    private Instant _watchUntil;
    private int _unanswered;

    public ViscaInquiries(ViscaOptions options, IReadOnlyList<AxisLimits> limits, SerialLine line)
    {
        (_options, _line) = (options, line);
        _inquiries = options.IsQueried ? [.. Positions(options.Address, limits)] : [ViscaPacket.VersionInquiry(options.Address)];
        (_askedAt, _isAnswered) = (new Instant?[_inquiries.Length], new bool[_inquiries.Length]);
    }

    public DeviceFault? Fault { get; private set; }

    public bool IsAnswered => Fault is null && Array.TrueForAll(_isAnswered, answered => answered);

    public void Begin()
    {
        Array.Clear(_askedAt);
        Array.Clear(_isAnswered);
        _told.Clear();
        (_asking, _unanswered) = (null, 0);
    }

    /// <summary>It moves, or is about to.</summary>
    public void Watch(Instant now) => _watchUntil = now + s_afterwards;

    public void Ask(IDevicePort port, Instant now)
    {
        if (_asking is not null && now >= _giveUpAt)
            CountSilence();
        if (_asking is not null || !_line.IsFree(now))
            return;
        var isHasty = (_options.IsQueried && now < _watchUntil) || (Fault is null && !IsAnswered);
        var next = Array.IndexOf(_askedAt, _askedAt.Min(at => at ?? default));
        next = Math.Max(next, Array.IndexOf(_askedAt, null));
        if (_askedAt[next] is { } asked && now - asked < (isHasty ? s_moving : s_resting))
            return;
        if (!_line.TryWrite(port, _inquiries[next], now, LongestAnswer))
            return;
        (_askedAt[next], _asking) = (now, next);
        _giveUpAt = now + _line.Takes(_inquiries[next].Length + LongestAnswer) + s_patience;
    }

    /// <param name="handle">Gets each position that the answer tells.</param>
    public void Receive(ReadOnlySpan<byte> packet, Action<PtzAxis, ushort> handle, Instant now)
    {
        if (_asking is not { } asked)
            return; // too late: it has been given up
        _asking = null;
        (_isAnswered[asked], _unanswered, Fault) = (true, 0, null);
        if (!_options.IsQueried)
            return;
        if (packet.Length == PanTiltLength)
        {
            Take(PtzAxis.Pan, ViscaPacket.Number(packet[2..]), handle, now);
            Take(PtzAxis.Tilt, ViscaPacket.Number(packet[6..]), handle, now);
        }
        else if (packet.Length == ZoomLength)
        {
            Take(PtzAxis.Zoom, ViscaPacket.Number(packet[2..]), handle, now);
        }
    }

    /// <summary>The head refuses to answer.</summary>
    public void Refuse(byte error)
    {
        if (_asking is null)
            return;
        _asking = null;
        if (_options.IsQueried && error is ViscaError.Syntax or ViscaError.Length)
            Fault = new("the head does not tell its position (VISCA syntax error)", "Write position=reckon in its driver");
        else
            CountSilence();
    }

    /// <summary>A command was not acknowledged, or a question not answered.</summary>
    public void CountSilence()
    {
        _asking = null;
        if (++_unanswered >= MaxUnanswered)
            Fault ??= new("the head does not answer", "Check its power, its cable, its address and the baud rate");
    }

    /// <summary>Something came that shows that somebody is there.</summary>
    public void Hear() => _unanswered = 0;

    private static IEnumerable<byte[]> Positions(byte address, IReadOnlyList<AxisLimits> limits)
    {
        if (limits.Any(axis => axis.Axis != PtzAxis.Zoom))
            yield return ViscaPacket.PanTiltPositionInquiry(address);
        if (limits.Any(axis => axis.Axis == PtzAxis.Zoom))
            yield return ViscaPacket.ZoomPositionInquiry(address);
    }

    private void Take(PtzAxis axis, ushort raw, Action<PtzAxis, ushort> handle, Instant now)
    {
        if (_told.TryGetValue(axis, out var before) && before != raw)
            Watch(now);
        _told[axis] = raw;
        handle(axis, raw);
    }
}
