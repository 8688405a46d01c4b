using System.Buffers.Binary;
using System.Text;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>Reads the fields of a <see cref="GuardMessage"/>; beyond the end everything is empty, and <see cref="IsAtEnd"/> never true.</summary>
internal ref struct GuardReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;
    private bool _isShort;

    /// <summary>Everything was there, and nothing is left.</summary>
    public readonly bool IsAtEnd => !_isShort && _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort Short() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public int Integer() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

    public string Text() => Encoding.UTF8.GetString(Take(Short()));

    public byte[] Rest() => Take(_rest.Length).ToArray();

    public byte[][] Blocks()
    {
        var blocks = new List<byte[]>();
        for (var count = Short(); count > 0 && !_isShort; count--)
            blocks.Add(Take(Short()).ToArray());
        return [.. blocks];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_isShort || count > _rest.Length)
        {
            _isShort = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
