namespace EdgeCam.Agent.Signaling;

/// <summary>Recognizes sequence numbers that came before: of the last 64, each; of older ones, all.</summary>
internal sealed class SequenceWindow
{
    private long _highest = -1;
    private ulong _seen; // bit n: highest − n

    /// <returns>False where it came before, or is too old to tell.</returns>
    public bool TryAccept(long sequence)
    {
        if (sequence > _highest)
        {
            var step = _highest < 0 ? 64 : sequence - _highest;
            _seen = (step < 64 ? _seen << (int)step : 0) | 1;
            _highest = sequence;
            return true;
        }

        var age = _highest - sequence;
        if (age >= 64 || (_seen >> (int)age & 1) != 0)
            return false;
        _seen |= 1UL << (int)age;
        return true;
    }
}
