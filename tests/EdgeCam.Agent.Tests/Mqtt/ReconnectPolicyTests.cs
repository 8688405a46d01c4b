using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>How long a device waits before it tries again, by what it met with; in virtual time, for a device and for a fleet.</summary>
public sealed class ReconnectPolicyTests
{
    private static readonly BrokerEnd s_notListening = new(BrokerEndKind.NotListening, "");
    private static readonly BrokerEnd s_refused = new(BrokerEndKind.Refused, "");

    private readonly ReconnectPolicy _longest = new(static () => 1.0);

    [Fact]
    public void Where_nobody_answers_the_bound_ends_at_7_s_and_where_somebody_does_at_60()
    {
        Assert.Equal([1, 2, 4, 7, 7, 7], Waits(_longest, s_notListening, 6));
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Waits(_longest, s_refused, 8));
        Assert.Equal([1, 2, 4, 7], Waits(_longest, new(BrokerEndKind.Unreachable, ""), 4)); // afresh, since somebody answered in between
        Assert.Equal([60], Waits(_longest, s_refused, 1)); // an overloaded broker may also not answer at all
        Assert.Equal(TimeSpan.Zero, new ReconnectPolicy(static () => 0.0).Next(s_refused));
    }

    /// <summary>What is left of a wait when its timer has fired is nothing.</summary>
    [Fact]
    public void Waits_are_whole_milliseconds()
    {
        var random = new Random(8);
        var policy = new ReconnectPolicy(random.NextDouble);
        for (var i = 0; i < 100; i++)
            Assert.Equal(0, policy.Next(s_refused).Ticks % TimeSpan.TicksPerMillisecond);
    }

    [Fact]
    public void Who_was_connected_for_half_a_minute_begins_afresh_and_who_was_not_does_not()
    {
        Assert.Equal([1, 2, 4], Waits(_longest, new(BrokerEndKind.Lost, "", TimeSpan.FromSeconds(29)), 3));
        Assert.Equal([1, 1, 1], Waits(_longest, new(BrokerEndKind.Closed, "", ReconnectPolicy.Stable), 3));
        Assert.False(_longest.SuspectsTakeOver);
        Assert.Equal([0], Waits(_longest, new(BrokerEndKind.Moved, "", TimeSpan.FromSeconds(1)), 1));
    }

    [Fact]
    public void A_take_over_is_known_at_once_where_the_broker_says_so()
    {
        var end = new BrokerEnd(BrokerEndKind.TakenOver, "", TimeSpan.FromSeconds(40));
        Assert.Equal([1, 2, 4, 8, 16, 32, 60], Waits(_longest, end, 7)); // half a minute is no peace
        Assert.True(_longest.SuspectsTakeOver);

        Assert.Equal([1], Waits(_longest, new(BrokerEndKind.Closed, "", ReconnectPolicy.Calm), 1));
        Assert.False(_longest.SuspectsTakeOver);
    }

    [Fact]
    public void And_suspected_after_three_connections_that_are_closed_soon_but_not_where_the_broker_was_restarted()
    {
        var end = new BrokerEnd(BrokerEndKind.Closed, "", TimeSpan.FromSeconds(2));
        _longest.Next(end);
        _longest.Next(end);
        Assert.False(_longest.SuspectsTakeOver);
        _longest.Next(end);
        Assert.True(_longest.SuspectsTakeOver);

        for (var restart = 0; restart < 100; restart++)
        {
            Assert.Equal(restart == 0 ? 8 : 1, _longest.Next(end).TotalSeconds);
            _longest.Next(s_notListening);
            Assert.False(_longest.SuspectsTakeOver);
        }
    }

    [Theory]
    [InlineData(BrokerEndKind.NotListening)]
    [InlineData(BrokerEndKind.Refused)]
    internal void A_fleet_does_not_come_back_in_the_same_second(BrokerEndKind kind)
    {
        var random = new Random(7);
        var end = new BrokerEnd(kind, "");
        List<double> waits = [];
        var arrivals = new int[600];
        for (var device = 0; device < 1000; device++)
        {
            var policy = new ReconnectPolicy(random.NextDouble);
            for (double at = 0; at < arrivals.Length;)
            {
                var wait = policy.Next(end).TotalSeconds;
                waits.Add(wait);
                at += wait + 0.01;
                if (at < arrivals.Length)
                    arrivals[(int)at]++;
            }
        }

        var mean = waits.Average();
        var variation = Math.Sqrt(waits.Average(wait => Math.Pow(wait - mean, 2))) / mean;
        Assert.InRange(variation, 0.5, 0.9); // of an even spread it is 0.58; the first waits are shorter
        Assert.True(arrivals.Skip(120).Max() < (kind == BrokerEndKind.Refused ? 70 : 360), $"{arrivals.Skip(120).Max()} of 1000 in one second");
    }

    /// <summary>Which is what "back within 10 s of the broker" rests on.</summary>
    [Fact]
    public void After_any_time_away_the_next_attempt_comes_within_7_s()
    {
        var policy = new ReconnectPolicy(new Random(3).NextDouble);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(policy.Next(s_notListening).TotalSeconds, 0, 7));
    }

    private static int[] Waits(ReconnectPolicy policy, BrokerEnd end, int count) => [.. Enumerable.Range(0, count).Select(_ => (int)policy.Next(end).TotalSeconds)];
}
