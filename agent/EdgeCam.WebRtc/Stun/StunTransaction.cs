using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Stun;

/// <summary>When a request over UDP is sent, sent again and given up (RFC 8489 §6.2.1): at 0, 1, 3, 7, 15, 31, 63 RTO; failed 16 RTO after.</summary>
/// <param name="id">The same for every retransmission.</param>
/// <param name="initialTimeout">The RTO.</param>
/// <param name="maxSends">The RFC's Rc.</param>
internal sealed class StunTransaction(TransactionId id, TimeSpan initialTimeout, int maxSends = StunTransaction.DefaultMaxSends)
{
    public const int DefaultMaxSends = 7;
    private const int LastTimeoutFactor = 16; // Rm

    private int _sends;
    private bool _wasSentAgain;

    public static TimeSpan DefaultInitialTimeout => TimeSpan.FromMilliseconds(500);

    public TransactionId Id { get; } = id;

    public Instant SentAt { get; private set; }

    /// <summary>When it is to be sent again, or given up. A new one is due at once.</summary>
    public Instant NextTimeout { get; private set; }

    public bool IsSendDue(Instant now) => _sends < maxSends && NextTimeout <= now;

    public bool HasFailed(Instant now) => _sends >= maxSends && NextTimeout <= now;

    public void HandleSent(Instant now)
    {
        _wasSentAgain |= SentAt != default;
        SentAt = now;
        _sends++;
        NextTimeout = now + (initialTimeout * (_sends < maxSends ? 1 << (_sends - 1) : LastTimeoutFactor));
    }

    /// <summary>Begins the schedule anew with the same id, so that a response to an earlier request still counts.</summary>
    public void SendAgain()
    {
        _sends = 0;
        NextTimeout = default;
    }

    /// <summary>Null where it is not known which of several requests was answered (Karn's rule, §6.2.1).</summary>
    public TimeSpan? RoundTripTime(Instant now) => _wasSentAgain ? null : now - SentAt;
}
