namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Puts packets that left within 5 ms into one group (draft-ietf-rmcat-gcc-02 §5.2); a message of UDP GSO is one group. Of a group the
/// shortest delay counts: its first packets wait for what stands in queues before it, its last ones for the group itself, and a large
/// picture would look like a growing queue. It also takes the sting out of jitter.
/// </summary>
internal sealed class PacketGroups
{
    private const long Burst = 5 * TimeSpan.TicksPerMillisecond;

    private long _firstSent = long.MinValue;
    private long _delay;
    private bool _isOpen;

    /// <summary>Adds a received packet, in the order of sending.</summary>
    /// <returns>True where the group before it is complete.</returns>
    public bool Add(long sentAt, long arrivedAt, out long groupSentAt, out long groupDelay)
    {
        (groupSentAt, groupDelay) = (_firstSent, _delay);
        var delay = arrivedAt - sentAt;
        if (sentAt < _firstSent)
            return false; // reported late: its group is gone
        if (_isOpen && sentAt - _firstSent <= Burst)
        {
            _delay = Math.Min(_delay, delay);
            return false;
        }

        var isComplete = _isOpen;
        (_firstSent, _delay, _isOpen) = (sentAt, delay, true);
        return isComplete;
    }

    public void Clear() => (_firstSent, _isOpen) = (long.MinValue, false);
}
