using EdgeCam.Agent.Diagnostics;
using EdgeCam.Benchmarks.Load;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Benchmarks.Micro;

/// <summary>A connection of the engine to a viewer without a network: what one writes the other reads.</summary>
internal sealed class ConnectedPair : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_viewer = TransportAddress.FromIPv4(0xC0000202, 40000);

    private readonly SystemRandom _random = new();
    private readonly DtlsContext _context;
    private readonly LoadViewer _viewer;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public ConnectedPair()
    {
        var now = MonotonicClock.Now;
        _context = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, _random));
        _viewer = new(s_viewer, IceRole.Controlling, _context, now);
        var options = new PeerConnectionOptions(_context, _random, MonotonicClock.ToNtp(), [s_device], [], new(66, 0xE0, 31), "cam0");
        if (!PeerConnection.TryAccept(_viewer.Offer, options, now, out var peer, out var answer, out var error))
            throw new InvalidOperationException(error.Message);
        Peer = peer;
        _viewer.HandleAnswer(answer, now);
        for (var end = now + TimeSpan.FromSeconds(10); !Peer.IsConnected || _viewer.ConnectedAt == 0; Exchange())
        {
            if (MonotonicClock.Now > end)
                throw new InvalidOperationException("no connection");
        }
    }

    public PeerConnection Peer { get; }

    /// <summary>What the engine has to send, into a buffer, as the loop takes it.</summary>
    /// <param name="seen">The viewer gets it, and answers.</param>
    public int Drain(Instant now, bool seen)
    {
        var bytes = 0;
        while (Peer.TryTransmit(_buffer, now, out var transmit))
        {
            bytes += transmit.Length;
            for (var at = 0; seen && at < transmit.Length; at += transmit.SegmentSize)
                _viewer.HandleDatagram(_buffer.AsSpan(at, Math.Min(transmit.SegmentSize, transmit.Length - at)), transmit.Path.Local, now.Ticks, now);
        }

        return bytes;
    }

    public void Exchange()
    {
        var now = MonotonicClock.Now;
        if (Peer.NextTimeout <= now)
            Peer.HandleTimeout(now);
        if (_viewer.NextTimeout <= now)
            _viewer.HandleTimeout(now);
        Drain(now, seen: true);
        while (_viewer.TryTransmit(_buffer, now, out var transmit))
            Peer.HandleDatagram(_buffer.AsSpan(0, transmit.Length), new(s_device, s_viewer), now);
        while (Peer.TryGetEvent(out _))
        {
        }
    }

    public void Dispose()
    {
        Peer.Dispose();
        _viewer.Dispose();
        _context.Dispose();
    }
}
