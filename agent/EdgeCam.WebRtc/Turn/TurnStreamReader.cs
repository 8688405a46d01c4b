using System.Buffers.Binary;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Turn;

/// <summary>
/// Finds the messages in the bytes of a TCP or TLS connection to a TURN server: STUN messages say their length, ChannelData messages too
/// and are padded to four bytes (RFC 8656 §3.7, §12.5). Bytes are read into <see cref="Free"/>; a message is valid until the next call.
/// </summary>
public sealed class TurnStreamReader
{
    private const int MaxMessage = ushort.MaxValue + StunHeader.Size + 3; // the longest that either length can say, with its padding

    private readonly byte[] _buffer = new byte[2 * MaxMessage];
    private int _begin;
    private int _end;

    /// <summary>True where the bytes are no messages: nothing after that can be found, and the connection is to be closed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Room for what is read next, never empty while <see cref="TryRead"/> is called until it says no.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_buffer.Length - _end < MaxMessage)
            {
                _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
                (_begin, _end) = (0, _end - _begin);
            }

            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>So many bytes were read into <see cref="Free"/>.</summary>
    public void Advance(int count) => _end += count;

    public bool TryRead(out Span<byte> message)
    {
        message = default;
        var waiting = _buffer.AsSpan(_begin, _end - _begin);
        if (IsBroken || waiting.Length < ChannelData.HeaderSize)
            return false;

        var length = BinaryPrimitives.ReadUInt16BigEndian(waiting[2..]);
        var isChannelData = ChannelData.Is(waiting);
        var size = isChannelData ? ChannelData.HeaderSize + length : StunHeader.Size + length;
        if (!isChannelData && (waiting[0] > 3 || length % 4 != 0))
        {
            IsBroken = true;
            return false;
        }

        var padded = size + ChannelData.Padding(size);
        if (waiting.Length < padded)
            return false;
        message = waiting[..size];
        _begin += padded;
        return true;
    }
}
