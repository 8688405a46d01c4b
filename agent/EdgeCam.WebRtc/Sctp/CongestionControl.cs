namespace EdgeCam.WebRtc.Sctp;

/// <summary>cwnd, ssthresh and fast recovery (RFC 9260 §7.2).</summary>
internal sealed class CongestionControl
{
    // L of §7.2.1, which suggests 1: but a peer whose loop takes datagrams in batches, as ours does, acknowledges a batch in one SACK.
    private const int MaxPacketsPerSack = 4;

    private readonly int _mtu;
    private int _partialBytesAcked;
    private Tsn? _fastRecoveryExit;

    public CongestionControl(int mtu)
    {
        _mtu = mtu;
        Window = Math.Min(4 * mtu, Math.Max(2 * mtu, 4404)); // §7.2.1
    }

    /// <summary>cwnd in bytes.</summary>
    public int Window { get; private set; }

    /// <summary>ssthresh: arbitrarily high at first (§7.2.1).</summary>
    public int Threshold { get; private set; } = int.MaxValue / 2;

    public bool IsInFastRecovery => _fastRecoveryExit is not null;

    /// <summary>A SACK moved the cumulative TSN ack point.</summary>
    /// <param name="ackedBytes">Newly acknowledged, gap ack blocks included.</param>
    /// <param name="wasFull">The window was fully used when these chunks were sent: only then it may grow (§7.2.1).</param>
    public void OnCumulativeAdvance(Tsn cumulative, int ackedBytes, bool wasFull, bool nothingOutstanding)
    {
        if (_fastRecoveryExit is { } exit)
        {
            if (!exit.IsAfter(cumulative))
                _fastRecoveryExit = null;
            return;
        }

        if (Window <= Threshold) // slow start, §7.2.1
        {
            if (wasFull)
                Window += Math.Min(ackedBytes, MaxPacketsPerSack * _mtu);
            return;
        }

        _partialBytesAcked += ackedBytes; // congestion avoidance, §7.2.2
        if (_partialBytesAcked >= Window && wasFull)
        {
            _partialBytesAcked -= Window;
            Window += _mtu;
        }

        if (nothingOutstanding)
            _partialBytesAcked = 0;
    }

    /// <summary>§7.2.4: once per window; in fast recovery nothing changes.</summary>
    public void OnFastRetransmit(Tsn highestOutstanding)
    {
        if (IsInFastRecovery)
            return;
        Reduce();
        Window = Threshold;
        _fastRecoveryExit = highestOutstanding;
    }

    /// <summary>§7.2.3: T3-rtx expired.</summary>
    public void OnTimeout()
    {
        Reduce();
        Window = _mtu;
        _fastRecoveryExit = null;
    }

    /// <summary>§7.2.1: a window that was not used for a while says nothing about the path any more.</summary>
    public void OnIdle(long retransmissionTimeouts)
    {
        for (; retransmissionTimeouts > 0 && Window > 4 * _mtu; retransmissionTimeouts--)
            Window = Math.Max(Window / 2, 4 * _mtu);
    }

    private void Reduce()
    {
        Threshold = Math.Max(Window / 2, 4 * _mtu);
        _partialBytesAcked = 0;
    }
}
