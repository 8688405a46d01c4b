using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// The right to go on sending on a pair, asked for every four to six seconds and lost after thirty without an answer (RFC 7675 §5.1).
/// Each request is a transaction of its own and is not sent again; the requests also keep NAT bindings alive (RFC 8445 §11).
/// </summary>
/// <param name="credential">That of the pair's generation: after a restart the former pair is used until another is valid.</param>
internal sealed class Consent(CandidatePair pair, ShortTermCredential credential, RandomSource random, Instant now)
{
    private const int MaxOutstanding = 8; // in 30 s, at least 4 s apart

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_doubt = s_interval * 2;
    private readonly (TransactionId Id, Instant SentAt)[] _outstanding = new (TransactionId, Instant)[MaxOutstanding];
    private int _sent;
    private bool _wasDoubtful;

    /// <summary>How long consent lasts after a response.</summary>
    public static TimeSpan Lifetime => TimeSpan.FromSeconds(30);

    public CandidatePair Pair => pair;

    public ShortTermCredential Credential => credential;

    /// <summary>Counted from the last response, which may be old for a pair selected anew. Where no check measured the round trip, at once.</summary>
    public Instant NextCheckAt { get; private set; } = pair.RoundTripTime is null ? now : pair.LastResponseAt + NextInterval(random);

    public Instant NextTimeout => Instant.Min(NextCheckAt, pair.LastResponseAt + Lifetime);

    /// <summary>True once in an outage: when two requests in a row were left unanswered.</summary>
    public bool TryBeginDoubt(Instant at)
    {
        if (at - pair.LastResponseAt < s_doubt)
        {
            _wasDoubtful = false;
            return false;
        }

        var isNew = !_wasDoubtful;
        _wasDoubtful = true;
        return isNew;
    }

    public bool HasExpired(Instant at) => at - pair.LastResponseAt >= Lifetime;

    public TransactionId HandleSent(Instant at)
    {
        var id = TransactionId.Create(random);
        _outstanding[_sent++ % MaxOutstanding] = (id, at);
        NextCheckAt = at + NextInterval(random);
        return id;
    }

    /// <summary>Whether the id is of one of our requests that no answer has come to.</summary>
    public bool IsOutstanding(TransactionId id) => Find(id) >= 0;

    /// <summary>The answer to an outstanding request. It counts once: whoever repeats it does not go on consenting for the peer.</summary>
    public void HandleResponse(TransactionId id, Instant at)
    {
        ref var request = ref _outstanding[Find(id)];
        pair.LastResponseAt = at;
        pair.RoundTripTime = at - request.SentAt;
        request = default;
    }

    private int Find(TransactionId id)
    {
        for (var i = 0; i < MaxOutstanding; i++)
        {
            if (_outstanding[i].SentAt != default && _outstanding[i].Id == id)
                return i;
        }

        return -1;
    }

    /// <summary>Between 0.8 and 1.2 of the interval, so that the checks of many viewers do not fall together.</summary>
    private static TimeSpan NextInterval(RandomSource random) => s_interval * (0.8 + (0.4 * random.NextUInt32() / uint.MaxValue));
}
