using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>The receiving half of an established association: DATA and FORWARD-TSN in, messages and SACKs out (RFC 9260 §6.2, RFC 3758 §3.6).</summary>
internal sealed class DataReceiver
{
    /// <summary>Bytes that we hold for the peer: received, and not yet taken by the owner.</summary>
    public const int Window = 1024 * 1024;

    private static readonly TimeSpan s_sackDelay = TimeSpan.FromMilliseconds(200); // §6.2
    private readonly ReceivedTsns _tsns;
    private readonly ReassemblyQueue _reassembly;
    private readonly SctpCounters _counters;
    private readonly int _mtu;
    private readonly ushort _streams;
    private int _packetsSinceSack;
    private int _advertised = Window;
    private bool _sawData;
    private bool _sackNow;

    public DataReceiver(PeerParameters peer, ushort streams, SctpOptions options, Action<InboundMessage> deliver, SctpCounters counters)
    {
        _tsns = new(peer.InitialTsn.Previous);
        _reassembly = new(options.MaxMessageSize, deliver, counters);
        _counters = counters;
        _mtu = options.Mtu;
        _streams = streams;
    }

    public Tsn Cumulative => _tsns.Cumulative;

    public int HeldBytes => _reassembly.HeldBytes;

    /// <summary>When a delayed SACK is due.</summary>
    public Instant SackTimer { get; private set; } = Instant.Never;

    /// <summary>A SACK must go out with the next packet.</summary>
    public bool IsSackDue => _sackNow;

    /// <summary>A SACK may go out with the next packet, if there is one.</summary>
    public bool IsSackPending => _sackNow || _packetsSinceSack > 0;

    /// <returns>False where the peer breaks its promise so far that the association must end.</returns>
    public bool HandleData(ChunkView bytes)
    {
        var chunk = new DataChunkView(bytes);
        _sawData = true;
        _sackNow |= chunk.WantsSackNow;
        if (_tsns.Contains(chunk.Tsn))
        {
            _counters.DuplicateTsns++;
            _tsns.AddDuplicate(chunk.Tsn);
            _sackNow = true; // §6.2: the SACK may have been lost
            return true;
        }

        // A chunk that fills a gap gets twice the window: dropping it would only keep what waits above it.
        var isNew = chunk.Tsn.IsAfter(_tsns.Highest);
        if (!_tsns.CanAdd(chunk.Tsn) || HeldBytes >= (isNew ? Window : 2 * Window))
        {
            _counters.WindowOverruns++;
            _sackNow = true; // §6.2: tell the peer the window that it should have kept to
            return true;
        }

        _tsns.Add(chunk.Tsn);
        _sackNow |= _tsns.HasGaps; // §6.7
        if (chunk.Stream >= _streams)
        {
            _counters.InvalidStreams++;
            return true;
        }

        return _reassembly.Add(chunk);
    }

    public void HandleForwardTsn(ReadOnlySpan<byte> value)
    {
        var cumulative = new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value));
        _sawData = true;
        _sackNow = true; // at once, so that the sender stops repeating it (RFC 3758 §3.6)
        if (!cumulative.IsAfter(_tsns.Cumulative))
            return;
        _tsns.Advance(cumulative);
        _reassembly.SkipFragments(cumulative);
        for (var rest = value[4..]; rest.Length >= 4; rest = rest[4..])
        {
            var stream = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (stream < _streams)
                _reassembly.SkipMessages(stream, new(BinaryPrimitives.ReadUInt16BigEndian(rest[2..])));
            else
                _counters.InvalidStreams++;
        }
    }

    /// <summary>All chunks of a packet are in: SACK every second packet with data, the others at the latest after 200 ms (§6.2).</summary>
    public void EndPacket(Instant now)
    {
        if (!_sawData)
            return;
        _sawData = false;
        if (++_packetsSinceSack >= 2)
            _sackNow = true;
        if (SackTimer == Instant.Never)
            SackTimer = now + s_sackDelay;
    }

    public void HandleTimeout(Instant now)
    {
        if (SackTimer <= now)
            RequestSack();
    }

    public void RequestSack()
    {
        _sackNow = true;
        SackTimer = Instant.Never;
    }

    /// <summary>The taker of a delivered message is done with it. Says so to a peer that stands before a closed window (§6.2).</summary>
    public void Release(int held)
    {
        _reassembly.Release(held);
        if (_advertised < Window / 4 && AvailableWindow >= Window / 2)
            _sackNow = true;
    }

    public void ResetStreams(ReadOnlySpan<ushort> streams) => _reassembly.Reset(streams);

    public void WriteSack(ref SctpPacketWriter writer)
    {
        _advertised = AvailableWindow;
        _tsns.WriteSack(ref writer, _advertised);
        _packetsSinceSack = 0;
        _sackNow = false;
        SackTimer = Instant.Never;
    }

    /// <summary>What we advertise; less than a packet is nothing, against the silly window syndrome (§6.1).</summary>
    private int AvailableWindow
    {
        get
        {
            var free = Window - HeldBytes;
            return free < _mtu ? 0 : free;
        }
    }
}
