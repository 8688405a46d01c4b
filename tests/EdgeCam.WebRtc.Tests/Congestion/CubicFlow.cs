using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>A download beside the call: fills every buffer until packets are lost, then goes down to 0.7 and back by a cubic (RFC 9438).</summary>
internal sealed class CubicFlow(TransportAddress local, TransportAddress remote) : IVirtualNode
{
    private const int SegmentSize = 1400;
    private const int HeaderSize = 16;

    private readonly SortedSet<long> _outstanding = [];
    private double _window = 10, _windowAtLoss;
    private bool _isSlowStart = true;
    private Instant _lossAt;
    private Instant _lastAck;
    private long _next, _highestAcked = -1, _recoverUntil = -1;

    public bool IsRunning { get; set; }

    public long AckedBytes { get; private set; }

    public Instant NextTimeout => IsRunning && _outstanding.Count > 0 ? _lastAck + TimeSpan.FromSeconds(1) : Instant.Never;

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        var number = BinaryPrimitives.ReadInt64BigEndian(datagram);
        _lastAck = now;
        if (!_outstanding.Remove(number))
            return;
        AckedBytes += SegmentSize;
        _highestAcked = Math.Max(_highestAcked, number);
        while (_outstanding.Count > 0 && _outstanding.Min < _highestAcked - 3)
        {
            var lost = _outstanding.Min;
            _outstanding.Remove(lost);
            if (lost > _recoverUntil)
                HandleLoss(now);
        }

        if (_isSlowStart)
        {
            _window++;
            return;
        }

        var elapsed = (now - _lossAt).TotalSeconds;
        var inflection = Math.Cbrt(_windowAtLoss * 0.3 / 0.4);
        var target = (0.4 * Math.Pow(elapsed - inflection, 3)) + _windowAtLoss;
        _window += Math.Clamp((target - _window) / _window, 0.1 / _window, 0.5);
    }

    public void HandleTimeout(Instant now)
    {
        _lastAck = now;
        _outstanding.Clear();
        HandleLoss(now);
        _window = 2;
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (!IsRunning || _outstanding.Count >= _window)
            return false;
        if (_outstanding.Count == 0)
            _lastAck = now;
        buffer[..SegmentSize].Clear();
        BinaryPrimitives.WriteInt64BigEndian(buffer, _next);
        _outstanding.Add(_next++);
        transmit = new(new(local, remote), SegmentSize, SegmentSize);
        return true;
    }

    private void HandleLoss(Instant now)
    {
        _isSlowStart = false;
        _windowAtLoss = _window;
        _window = Math.Max(_window * 0.7, 2);
        _lossAt = now;
        _recoverUntil = _next;
    }

    /// <summary>The other end: acknowledges each segment.</summary>
    public sealed class Receiver : IVirtualNode
    {
        private readonly Queue<(long Number, NetworkPath Path)> _acks = new();

        public Instant NextTimeout => Instant.Never;

        public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now) =>
            _acks.Enqueue((BinaryPrimitives.ReadInt64BigEndian(datagram), path));

        public void HandleTimeout(Instant now)
        {
        }

        public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
        {
            transmit = default;
            if (!_acks.TryDequeue(out var ack))
                return false;
            BinaryPrimitives.WriteInt64BigEndian(buffer, ack.Number);
            transmit = new(ack.Path, HeaderSize, HeaderSize);
            return true;
        }
    }
}
