using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>A viewer's receiving side, written from the RFCs and sharing no code with the sender: reorders, asks for what is missing, collects pictures.</summary>
/// <param name="keep">Keeps the payloads of complete pictures; without, they are only counted.</param>
internal sealed class ReceivedVideo(bool keep = true)
{
    private readonly SortedDictionary<long, (uint Timestamp, bool Marker, byte[] Payload)> _packets = [];
    private readonly HashSet<long> _repaired = [];
    private long _highest = -1;
    private long _first = -1;
    private long _next = -1;
    private uint _lastTimestamp;
    private readonly List<byte[]> _picture = [];

    /// <summary>Payloads of each complete picture, in order.</summary>
    public List<byte[][]> Pictures { get; } = [];

    public List<uint> Timestamps { get; } = [];

    /// <summary>Complete pictures.</summary>
    public int PictureCount { get; private set; }

    /// <summary>Complete IDR pictures.</summary>
    public int IdrCount { get; private set; }

    /// <summary>Bytes of the latest complete picture.</summary>
    public int LastBytes { get; private set; }

    /// <summary>Each complete picture had a later timestamp than the one before.</summary>
    public bool IsInOrder { get; private set; } = true;

    public int Packets { get; private set; }

    /// <summary>The newest sequence number.</summary>
    public ushort Highest => (ushort)_highest;

    public long Bytes { get; private set; }

    public int Duplicates { get; private set; }

    public int Repaired => _repaired.Count;

    public uint MediaSsrc { get; private set; }

    /// <param name="packet">Decrypted RTP.</param>
    /// <param name="rtxPayloadType">Retransmissions carry the original sequence number in front (RFC 4588 §4).</param>
    public void Add(ReadOnlySpan<byte> packet, byte? rtxPayloadType)
    {
        var header = 12 + ((packet[0] & 15) * 4);
        if ((packet[0] & 0x10) != 0)
            header += 4 + (BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]) * 4);
        var payload = packet[header..];
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var isRtx = (packet[1] & 0x7F) == rtxPayloadType;
        if (isRtx)
        {
            sequence = BinaryPrimitives.ReadUInt16BigEndian(payload);
            payload = payload[2..];
        }
        else
        {
            MediaSsrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        }

        Packets++;
        Bytes += packet.Length;
        var index = _highest < 0 ? sequence : _highest + (short)(sequence - (ushort)_highest);
        if (_first < 0)
            _first = _next = index;
        if (index < _next || !_packets.TryAdd(index, (BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), packet[1] >= 128, payload.ToArray())))
        {
            Duplicates++;
            return;
        }

        if (index < _highest || isRtx)
            _repaired.Add(index);
        _highest = Math.Max(_highest, index);
        Collect();
    }

    /// <summary>Gives up what is missing and goes on with the next IDR picture that began to come; true where there is one.</summary>
    public bool Resume()
    {
        foreach (var (index, packet) in _packets)
        {
            if (index <= _next || (packet.Payload[0] & 31) is not (7 or 24))
                continue; // parameter sets are in front of each IDR picture, alone or in a STAP-A
            foreach (var old in _packets.Keys.TakeWhile(key => key < index).ToArray())
                _packets.Remove(old);
            _picture.Clear();
            _next = index;
            Collect();
            return true;
        }

        return false;
    }

    /// <summary>Sequence numbers not yet seen below the highest.</summary>
    public List<ushort> Missing()
    {
        var missing = new List<ushort>();
        for (var index = _next; index >= 0 && index < _highest; index++)
        {
            if (!_packets.ContainsKey(index))
                missing.Add((ushort)index);
        }

        return missing;
    }

    private void Collect()
    {
        while (_packets.Remove(_next, out var packet))
        {
            _next++;
            _picture.Add(packet.Payload);
            if (!packet.Marker)
                continue;
            IsInOrder &= PictureCount == 0 || (int)(packet.Timestamp - _lastTimestamp) > 0;
            (_lastTimestamp, LastBytes) = (packet.Timestamp, _picture.Sum(static payload => payload.Length));
            PictureCount++;
            if (_picture.Exists(IsOfIdrPicture))
                IdrCount++;
            if (keep)
            {
                Pictures.Add([.. _picture]);
                Timestamps.Add(packet.Timestamp);
            }

            _picture.Clear();
        }
    }

    /// <summary>A slice of an IDR picture, whole or as a fragment (RFC 6184 §5.6, §5.8).</summary>
    private static bool IsOfIdrPicture(byte[] payload) => (payload[0] & 31) == 5 || ((payload[0] & 31) == 28 && (payload[1] & 31) == 5);
}
