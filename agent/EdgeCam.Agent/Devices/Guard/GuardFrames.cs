using System.Buffers.Binary;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>Cuts a stream of bytes into messages.</summary>
internal sealed class GuardFrames
{
    private readonly byte[] _buffer = new byte[2 * (GuardMessage.MaxLength + GuardMessage.HeaderLength)];
    private int _start;
    private int _end;

    /// <summary>What came is no message: the two ends do not understand each other, and there is no way on.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Where what comes next is put; at least a byte long once <see cref="TryRead"/> has said no and nothing is broken.</summary>
    public Span<byte> Free()
    {
        if (_start > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        return _buffer.AsSpan(_end);
    }

    /// <summary>So much has been put there.</summary>
    public void Advance(int count) => _end += count;

    public bool TryRead(out GuardMessage message)
    {
        message = null!;
        if (IsBroken || _end - _start < GuardMessage.HeaderLength)
            return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_start));
        if (length is 0 or > GuardMessage.MaxLength)
        {
            IsBroken = true;
            return false;
        }

        if (_end - _start < GuardMessage.HeaderLength + length)
            return false;
        IsBroken = !GuardMessage.TryParse(_buffer.AsSpan(_start + GuardMessage.HeaderLength, length), out message);
        _start += GuardMessage.HeaderLength + length;
        return !IsBroken;
    }
}
