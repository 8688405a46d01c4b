using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class CheckListTests
{
    private static readonly LocalBase s_local = new(new(IceNode.Address("192.0.2.2")), 65535, "1");

    [Fact]
    public void Priorities_follow_the_recommended_formula()
    {
        Assert.Equal(2130706431u, CandidatePriority.Compute(CandidateType.Host, 65535)); // as in every SDP
        Assert.Equal(1694498815u, CandidatePriority.Compute(CandidateType.ServerReflexive, 65535));
        Assert.Equal((1ul << 32) + 4 + 1, CandidatePriority.OfPair(controlling: 2, controlled: 1));
        Assert.Equal((1ul << 32) + 4, CandidatePriority.OfPair(controlling: 1, controlled: 2));
    }

    [Fact]
    public void Pairs_of_one_foundation_thaw_one_by_one_until_one_succeeds()
    {
        var list = new CheckList(10, IceRole.Controlled);
        var pairs = Enumerable.Range(0, 4).Select(i => Pair(i, priority: 100 - (uint)i)).ToList();
        Assert.All(pairs, pair => Assert.True(list.TryAdd(pair)));
        Assert.Equal([PairState.Waiting, PairState.Frozen, PairState.Frozen, PairState.Frozen], pairs.Select(pair => pair.State));

        list.HandleFailed(pairs[0]);
        Assert.Equal([PairState.Failed, PairState.Waiting, PairState.Frozen, PairState.Frozen], pairs.Select(pair => pair.State));

        list.HandleSucceeded(pairs[1]);
        Assert.Equal([PairState.Failed, PairState.Succeeded, PairState.Waiting, PairState.Waiting], pairs.Select(pair => pair.State));
    }

    [Fact]
    public void Pairs_of_different_foundations_are_checked_by_priority()
    {
        var list = new CheckList(10, IceRole.Controlled);
        foreach (var (port, priority) in new[] { (1, 5u), (2, 9u), (3, 7u) })
            list.TryAdd(Pair(port, priority, foundation: $"{port}"));
        var order = new List<uint>();
        while (list.NextOrdinary() is { } next)
        {
            order.Add(next.RemotePriority);
            next.State = PairState.InProgress;
        }

        Assert.Equal([9u, 7u, 5u], order);
    }

    [Fact]
    public void Triggered_pairs_are_checked_in_the_order_of_the_peers_requests()
    {
        var list = new CheckList(10, IceRole.Controlled);
        var pairs = Enumerable.Range(0, 3).Select(i => Pair(i, priority: (uint)i)).ToList();
        pairs.ForEach(pair => list.TryAdd(pair));
        list.Trigger(pairs[1]);
        list.Trigger(pairs[2]);
        list.Trigger(pairs[1]);
        Assert.Same(pairs[1], list.NextTriggered());
        pairs[1].TriggeredOrder = 0;
        Assert.Same(pairs[2], list.NextTriggered());
    }

    [Fact]
    public void A_full_list_gives_up_its_worst_pair_and_thaws_what_waited_for_it()
    {
        var list = new CheckList(3, IceRole.Controlled);
        var first = Pair(1, priority: 10);
        var frozen = Pair(2, priority: 20);
        var other = Pair(3, priority: 30, foundation: "b");
        Assert.True(list.TryAdd(first) && list.TryAdd(frozen) && list.TryAdd(other));
        Assert.False(list.TryAdd(Pair(4, priority: 5)));
        Assert.True(list.TryAdd(Pair(5, priority: 40, foundation: "c")));
        Assert.Null(list.Find(first.Path));
        Assert.Equal(PairState.Waiting, frozen.State);
    }

    [Fact]
    public void A_full_list_never_gives_up_a_pair_that_works()
    {
        var list = new CheckList(2, IceRole.Controlled);
        var valid = Pair(1, priority: 1);
        var inProgress = Pair(2, priority: 2);
        Assert.True(list.TryAdd(valid) && list.TryAdd(inProgress));
        list.HandleSucceeded(valid);
        valid.IsValid = true;
        list.Trigger(valid); // as when it is nominated
        (inProgress.State, inProgress.WasChecked) = (PairState.InProgress, true);
        Assert.False(list.TryAdd(Pair(3, priority: 100)));
    }

    [Fact]
    public void A_full_list_gives_up_what_was_checked_only_for_what_the_peer_has_proved()
    {
        var list = new CheckList(3, IceRole.Controlled);
        CandidatePair failed = Pair(1, priority: 10), inProgress = Pair(2, priority: 5, foundation: "b"), requested = Pair(3, priority: 1, foundation: "c");
        requested.IsRequested = true;
        foreach (var pair in new[] { failed, inProgress, requested })
        {
            Assert.True(list.TryAdd(pair));
            (pair.State, pair.WasChecked) = (PairState.InProgress, true);
        }

        list.HandleFailed(failed);
        Assert.False(list.TryAdd(Pair(4, priority: 100, foundation: "d")));
        foreach (var (port, priority, gone) in new[] { (5, 3u, failed), (6, 2u, inProgress) })
        {
            var proved = Pair(port, priority, foundation: $"{port}");
            proved.IsRequested = true;
            Assert.True(list.TryAdd(proved));
            Assert.Null(list.Find(gone.Path));
        }

        Assert.NotNull(list.Find(requested.Path)); // it is being checked, and the peer wants it too
    }

    [Fact]
    public void After_nomination_only_better_and_triggered_pairs_are_checked()
    {
        var list = new CheckList(10, IceRole.Controlled);
        var pairs = Enumerable.Range(0, 5).Select(i => Pair(i, priority: 100 + (uint)i, foundation: $"{i % 2}")).ToList();
        pairs.ForEach(pair => list.TryAdd(pair));
        list.Trigger(pairs[1]);
        list.HandleSucceeded(pairs[3]);
        list.HandleNominated(pairs[3]);
        Assert.Equal(
            [PairState.Failed, PairState.Waiting, PairState.Failed, PairState.Succeeded, PairState.Waiting], pairs.Select(pair => pair.State));
    }

    [Fact]
    public void A_change_of_role_reorders_the_pairs()
    {
        var list = new CheckList(10, IceRole.Controlled);
        var pair = Pair(1, priority: 5);
        list.TryAdd(pair);
        var before = pair.Priority;
        list.Role = IceRole.Controlling;
        Assert.Equal(before + 1, pair.Priority);
    }

    [Fact]
    public void A_link_local_address_gets_the_interface_of_the_base()
    {
        var local = new LocalBase(new(IceNode.Address("fe80::1").WithScope(3)), 65535, "1");
        var remote = IceNode.Address("fe80::2");
        Assert.True(local.TryPair(ref remote));
        Assert.Equal(3u, remote.ScopeId);
        Assert.DoesNotContain('%', local.ToCandidate("x").ToString());

        remote = IceNode.Address("fe80::2").WithScope(4);
        Assert.False(local.TryPair(ref remote));
        remote = IceNode.Address("2001:db8::2");
        Assert.False(local.TryPair(ref remote));
    }

    [Fact]
    public void Bases_of_one_host_share_a_foundation_and_loopback_comes_last()
    {
        var local = new LocalCandidates("ours", isHiding: false, [], new());
        foreach (var (host, port) in new[] { ("127.0.0.1", 5000), ("192.0.2.2", 5000), ("192.0.2.2", 5001), ("192.0.2.2", 5000), ("0.0.0.0", 5000) })
            local.Add(new(IceNode.Address(host, port)));
        var bases = local.Bases;
        Assert.Equal(3, bases.Count);
        Assert.Equal(bases[1].Foundation, bases[2].Foundation);
        Assert.NotEqual(bases[0].Foundation, bases[1].Foundation);
        Assert.True(bases[2].Priority(CandidateType.Host) > bases[0].Priority(CandidateType.Host));
    }

    private static CandidatePair Pair(int port, uint priority, string foundation = "a") =>
        new(s_local, IceNode.Address("192.0.2.1", 5000 + port))
        {
            RemoteType = CandidateType.Host, RemotePriority = priority, Foundation = ("1", foundation),
        };
}
