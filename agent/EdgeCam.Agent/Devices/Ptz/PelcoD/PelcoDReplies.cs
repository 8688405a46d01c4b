namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary>
/// Finds whole messages in what comes from the line, in whatever pieces: from FF to a sum that is right. What is none is passed over up to
/// the next FF, which takes care of noise, of echoes and of the four bytes by which some heads confirm a command.
/// </summary>
/// <remarks>Bound: 64 bytes; policy: the oldest go.</remarks>
internal sealed class PelcoDReplies(byte address)
{
    private const int MaxBytes = 64;

    private readonly byte[] _bytes = new byte[MaxBytes];
    private int _count;

    /// <summary>Bytes that belonged to no message.</summary>
    public long Skipped { get; private set; }

    /// <param name="handle">Gets each position that the head at this address tells.</param>
    public void Append(ReadOnlySpan<byte> bytes, Action<PtzAxis, ushort> handle)
    {
        while (!bytes.IsEmpty)
        {
            var fits = Math.Min(bytes.Length, MaxBytes - _count);
            bytes[..fits].CopyTo(_bytes.AsSpan(_count));
            _count += fits;
            bytes = bytes[fits..];
            Read(handle);
        }
    }

    public void Clear() => _count = 0;

    private void Read(Action<PtzAxis, ushort> handle)
    {
        var at = 0;
        while (_count - at >= PelcoDFrame.Length)
        {
            var frame = _bytes.AsSpan(at, PelcoDFrame.Length);
            if (!PelcoDFrame.IsWhole(frame))
            {
                at++;
                Skipped++;
                continue;
            }

            at += PelcoDFrame.Length;
            if (frame[1] == address && PelcoDFrame.TryReadPosition(frame, out var axis, out var value))
                handle(axis, value);
        }

        _bytes.AsSpan(at, _count - at).CopyTo(_bytes);
        _count -= at;
    }
}
