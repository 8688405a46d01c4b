using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Walks parameters or error causes: type, length, value, padding to four bytes (RFC 9260 §3.2.1).</summary>
internal ref struct ParameterEnumerator(ReadOnlySpan<byte> parameters)
{
    public const int HeaderSize = 4;

    private ReadOnlySpan<byte> _rest = parameters;

    public ParameterType Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The parameter with its header, without padding.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public bool IsMalformed { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = _rest.Length < HeaderSize ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < HeaderSize || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        Type = (ParameterType)BinaryPrimitives.ReadUInt16BigEndian(_rest);
        Bytes = _rest[..length];
        Value = Bytes[HeaderSize..];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
