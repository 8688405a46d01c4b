using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Asks STUN servers how each base looks from outside (RFC 8445 §5.1.1.2).</summary>
/// <remarks>Left out: keeping the bindings alive until ICE is done (RFC 8445 §5.1.1.4); with trickle that takes no time.</remarks>
internal sealed class ServerReflexiveGatherer(IReadOnlyList<TransportAddress> servers, RandomSource random)
{
    private readonly List<Query> _queries = [];

    public bool IsCompleted => _queries.Count == 0;

    public void Add(LocalBase local)
    {
        foreach (var server in servers)
        {
            var remote = server;
            if (local.Type == CandidateType.Host && !local.Address.IsLoopback && local.TryPair(ref remote))
                _queries.Add(new(new(local.Address, remote), local, new(TransactionId.Create(random), StunTransaction.DefaultInitialTimeout)));
        }
    }

    public void HandleRestart(List<LocalBase> bases)
    {
        _queries.Clear();
        bases.ForEach(Add);
    }

    public void Remove(LocalBase local) => _queries.RemoveAll(query => query.Local == local);

    public Instant NextTimeout(Pacer pacer)
    {
        var next = Instant.Never;
        foreach (var query in _queries)
            next = Instant.Min(next, query.IsSent ? query.Transaction.NextTimeout : pacer.NextAt);
        return next;
    }

    public void HandleTimeout(Instant now)
    {
        for (var i = _queries.Count - 1; i >= 0; i--)
        {
            if (_queries[i].Transaction.HasFailed(now))
                _queries.RemoveAt(i);
        }
    }

    public bool TryTransmit(Span<byte> buffer, Pacer pacer, Instant now, out Transmit transmit)
    {
        foreach (var query in _queries)
        {
            if (!query.Transaction.IsSendDue(now) || (!query.IsSent && !pacer.IsDue(now)))
                continue;

            if (!query.IsSent)
                pacer.HandleStarted(now);
            query.Transaction.HandleSent(now);
            var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, query.Transaction.Id);
            writer.AddFingerprint();
            transmit = new(query.Path, writer.Length, writer.Length);
            return true;
        }

        transmit = default;
        return false;
    }

    public bool IsOutstanding(TransactionId id) => Find(id) >= 0;

    /// <summary>Takes the answer to a query; false where it is none of ours or has no address.</summary>
    public bool TryHandleResponse(StunMessageView response, NetworkPath path, out LocalBase? local, out TransportAddress mapped)
    {
        local = null;
        mapped = default;
        var index = Find(response.TransactionId);
        if (index < 0 || _queries[index].Path != path)
            return false;

        var found = _queries[index].Local;
        _queries.RemoveAt(index);
        if (response.Class != StunClass.SuccessResponse || BindingResponder.HasUnknownAttributes(response)
            || !response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out mapped) || !mapped.IsUnicast)
            return false;
        local = found;
        return true;
    }

    private int Find(TransactionId id)
    {
        for (var i = 0; i < _queries.Count; i++)
        {
            if (_queries[i].IsSent && _queries[i].Transaction.Id == id)
                return i;
        }

        return -1;
    }

    private sealed record Query(NetworkPath Path, LocalBase Local, StunTransaction Transaction)
    {
        public bool IsSent => Transaction.SentAt != default;
    }
}
