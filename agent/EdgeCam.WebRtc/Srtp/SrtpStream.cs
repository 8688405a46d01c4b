namespace EdgeCam.WebRtc.Srtp;

/// <summary>What one SSRC adds to an SRTP cryptographic context: the packet index reached and the replay list (RFC 3711 §3.2.1, §3.3).</summary>
internal struct SrtpStream
{
    private const int WindowLength = 128; // RFC 3711 §3.3.2 asks for 64 at least
    private const ulong LastIndex = (1UL << 48) - 1;

    private ulong _highest;
    private UInt128 _seen; // bit n: index _highest - n

    public uint Ssrc { get; init; }

    /// <summary>True until the first index is accepted.</summary>
    public readonly bool IsNew => _seen == 0;

    /// <summary>The index after the highest.</summary>
    public readonly ulong Next => IsNew ? 0 : _highest + 1;

    /// <summary>Accepts the packet after the highest, which is the usual one of a stream that is sent.</summary>
    /// <returns>False where it is another one, or has no index left: then nothing has changed.</returns>
    public bool TryAdvance(ushort sequenceNumber, out ulong index)
    {
        index = _highest + 1;
        if ((ushort)index != sequenceNumber || index > LastIndex || IsNew)
            return false;
        _seen = (_seen << 1) | 1;
        _highest = index;
        return true;
    }

    /// <summary>Rollover counter and sequence number nearest to the highest index seen (RFC 3711 §3.3.1).</summary>
    /// <returns>False for what would lie before the stream's beginning.</returns>
    public readonly bool TryGuessIndex(ushort sequenceNumber, out ulong index)
    {
        index = sequenceNumber;
        if (IsNew)
            return true;
        var rollover = (long)(_highest >> 16);
        var highest = (int)(_highest & 0xFFFF);
        if (highest < 0x8000)
            rollover -= sequenceNumber - highest > 0x8000 ? 1 : 0;
        else
            rollover += highest - 0x8000 > sequenceNumber ? 1 : 0;
        index = ((ulong)rollover << 16) | sequenceNumber;
        return rollover is >= 0 and <= uint.MaxValue;
    }

    /// <summary>True where the index was accepted before, or is too old to tell.</summary>
    public readonly bool IsReplay(ulong index)
    {
        if (IsNew || index > _highest)
            return false;
        var age = _highest - index;
        return age >= WindowLength || ((_seen >> (int)age) & 1) != 0;
    }

    /// <summary>Only for what is authentic and no replay.</summary>
    public void Accept(ulong index)
    {
        if (IsNew)
        {
            _highest = index;
            _seen = 1;
        }
        else if (index > _highest)
        {
            var step = index - _highest;
            _seen = step >= WindowLength ? 1 : (_seen << (int)step) | 1;
            _highest = index;
        }
        else if (_highest - index < WindowLength)
        {
            _seen |= UInt128.One << (int)(_highest - index);
        }
    }
}
