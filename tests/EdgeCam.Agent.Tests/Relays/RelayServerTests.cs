using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>How often a server is asked.</summary>
public sealed class RelayServerTests
{
    private static readonly Instant s_start = new(TimeSpan.TicksPerHour);

    [Fact]
    public void Attempts_are_a_second_apart_and_then_twice_as_far_each_time_up_to_a_minute()
    {
        var server = Create();
        var (now, waits) = (s_start, new List<double>());
        for (var i = 0; i < 9; i++)
        {
            server.HandleAttempt(now);
            _ = server.HandleFailure(now, jitter: 0);
            waits.Add((server.NextAttemptAt - now).TotalSeconds);
            now = server.NextAttemptAt;
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], waits);
    }

    [Fact]
    public void Jitter_only_lengthens_the_wait()
    {
        var server = Create();
        Assert.Equal(TimeSpan.FromSeconds(1.5), server.HandleFailure(s_start, jitter: 1));
    }

    [Fact]
    public void One_that_served_for_long_is_asked_again_soon_but_never_twice_in_a_second()
    {
        var server = Create();
        for (var i = 0; i < 6; i++)
            _ = server.HandleFailure(s_start, jitter: 0);
        var now = s_start + TimeSpan.FromHours(1);

        server.HandleAttempt(now);
        server.HandleEnded(TimeSpan.FromMinutes(10));
        Assert.Equal(TimeSpan.FromSeconds(1), server.HandleFailure(now, jitter: 0));
        Assert.Equal(now + TimeSpan.FromSeconds(1), server.NextAttemptAt);
    }

    [Fact]
    public void One_whose_allocations_do_not_stand_is_asked_less_and_less()
    {
        var server = Create();
        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            server.HandleEnded(TimeSpan.FromSeconds(59));
            waits.Add(server.HandleFailure(s_start, jitter: 0).TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 8], waits);
    }

    [Fact]
    public void A_failure_is_forgotten_after_an_allocation_that_stood_or_with_time()
    {
        var server = Create();
        _ = server.HandleFailure(s_start, jitter: 0);
        Assert.True(server.IsFailing(s_start + TimeSpan.FromMinutes(9)));
        Assert.False(server.IsFailing(s_start + TimeSpan.FromMinutes(10)));

        server.HandleEnded(TimeSpan.FromSeconds(59));
        Assert.True(server.IsFailing(s_start));
        server.HandleEnded(TimeSpan.FromSeconds(60));
        Assert.False(server.IsFailing(s_start));
    }

    private static RelayServer Create()
    {
        Assert.True(TurnAddress.TryParse("turn:a", out var address));
        return new(TurnServer.WithSecret(address!, "s"u8.ToArray()));
    }
}
