using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>What the configuration forbids: two on together, on for too long, too often.</summary>
public sealed class GpioLimitTests
{
    [Fact]
    public void Two_lines_of_an_interlock_are_never_on_together()
    {
        using var rig = GpioRig.Opened();
        rig.Write("up", true);

        var refusal = rig.Write("down", true).Refusal;

        Assert.Equal(new(GpioRefusalKind.Interlocked, "down must not be on together with up, which is on (Shutter)", "Switch up off first"), refusal);
        Assert.Equal(GpioRefusalKind.Interlocked, rig.Toggle("down").Refusal?.Kind);
        Assert.Equal(GpioRefusalKind.Interlocked, rig.Pulse("down", 100).Refusal?.Kind);
        Assert.Equal((true, false), (rig.Level("up"), rig.Level("down"))); // a changeover is not made by itself
        Assert.Null(rig.Write("up", true).Refusal);
        Assert.Null(rig.Write("down", false).Refusal);
        Assert.Equal(["down"], rig.State("up").Interlock);

        rig.Write("up", false);
        Assert.Null(rig.Write("down", true).Refusal);
    }

    [Fact]
    public void A_line_counts_as_on_until_its_being_off_is_confirmed()
    {
        using var rig = GpioRig.Opened();
        rig.Write("up", true);
        GpioOutcome? outcome = null;

        rig.Bank.Write("up", false, rig.Now, _ => { });
        rig.Bank.Write("down", true, rig.Now, given => outcome = given);
        rig.Ports.Deliver(rig.Now);

        Assert.Equal("down must not be on together with up, which is on until its being switched off is confirmed (Shutter)", outcome?.Refusal?.What);
        Assert.False(rig.Level("down"));
    }

    [Fact]
    public void A_line_counts_as_on_from_when_it_is_told_to_be()
    {
        using var rig = GpioRig.Opened();
        List<GpioOutcome> outcomes = [];

        rig.Bank.Write("up", true, rig.Now, outcomes.Add);
        rig.Bank.Write("down", true, rig.Now, outcomes.Add);
        rig.Ports.Deliver(rig.Now);

        Assert.Equal([GpioRefusalKind.Interlocked, null], outcomes.Select(outcome => outcome.Refusal?.Kind));
    }

    [Fact]
    public void A_line_of_which_nobody_knows_counts_as_on()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Faults[2] = GpioRig.IoError;
        rig.Write("up", true);

        Assert.Equal("down must not be on together with up, of which nobody knows whether it is on (Shutter)", rig.Write("down", true).Refusal?.What);
    }

    [Fact]
    public void A_pulse_that_ends_on_reserves_its_end()
    {
        using var rig = GpioRig.Opened();
        rig.Pulse("up", 500, value: false);
        rig.RunMilliseconds(200);

        Assert.Equal("down must not be on together with up, which goes on by itself in 300 ms (Shutter)", rig.Write("down", true).Refusal?.What);

        rig.RunMilliseconds(400);
        Assert.True(rig.Level("up"));
        rig.Write("up", false);
        rig.Write("down", true);
        Assert.Equal(GpioRefusalKind.Interlocked, rig.Pulse("up", 500, value: false).Refusal?.Kind);
    }

    [Fact]
    public void A_line_is_off_after_the_longest_time_it_may_be_on()
    {
        using var rig = GpioRig.Opened();
        rig.Write("pump", true);
        rig.RunMilliseconds(6000);
        rig.Write("pump", true); // once more is not anew

        rig.RunMilliseconds(3980);
        Assert.True(rig.Level("pump"));
        rig.RunMilliseconds(40);

        Assert.False(rig.Level("pump"));
        Assert.Equal((false, GpioCause.Interlock), (rig.Changes[^1].Value, rig.Changes[^1].Cause));
        Assert.Equal(1, rig.Log.Count("pump was on for as long as it may be"));
        Assert.Null(rig.Write("pump", true).Refusal);
    }

    [Fact]
    public void A_break_begins_the_longest_time_anew()
    {
        using var rig = GpioRig.Opened();
        rig.Write("pump", true);
        rig.RunMilliseconds(9000);
        rig.Write("pump", false);
        rig.Write("pump", true);

        rig.RunMilliseconds(9000);

        Assert.True(rig.Level("pump"));
    }

    [Fact]
    public void A_line_that_could_not_be_switched_off_in_time_is_when_that_works_again()
    {
        using var rig = GpioRig.Opened();
        rig.Write("pump", true);
        rig.RunMilliseconds(9900);
        rig.Chip.Faults[5] = GpioRig.IoError;
        rig.RunMilliseconds(2000);
        Assert.True(rig.Level("pump"));

        rig.Chip.Faults.Clear();
        rig.RunMilliseconds(4000);

        Assert.False(rig.Level("pump"));
        Assert.False(rig.State("pump").Value);
    }

    [Fact]
    public void A_pulse_longer_than_a_line_may_be_on_is_refused()
    {
        using var rig = GpioRig.Opened();

        Assert.Equal(new(GpioRefusalKind.Interlocked, "pump may be on for 10 s at most", "Ask for a shorter pulse"), rig.Pulse("pump", 10_001).Refusal);
        Assert.Null(rig.Pulse("pump", 10_000).Refusal);
    }

    [Fact]
    public void A_line_is_switched_so_often_a_minute_and_no_more()
    {
        using var rig = GpioRig.Opened();
        foreach (var second in (int[])[0, 10, 10])
        {
            rig.RunMilliseconds(second * 1000);
            Assert.Null(rig.Write("gate", false).Refusal);
        }

        rig.RunMilliseconds(5000);
        var refusal = rig.Write("gate", true).Refusal;
        Assert.Equal(new(GpioRefusalKind.TooMany, "gate may be switched 3 times a minute", "Try again in 35 s", TimeSpan.FromSeconds(35)), refusal);
        Assert.Equal(1, rig.Drops[Stage.Control, DropReason.RateLimited]);

        rig.RunMilliseconds(34_980);
        Assert.NotNull(rig.Write("gate", true).Refusal);
        rig.RunMilliseconds(20);
        Assert.Null(rig.Write("gate", true).Refusal);
        Assert.NotNull(rig.Write("gate", true).Refusal); // the next one leaves the minute ten seconds later
    }

    [Fact]
    public void What_is_on_may_always_go_off()
    {
        using var rig = GpioRig.Opened();
        rig.Write("gate", true);
        rig.Write("gate", false);
        rig.Write("gate", true);

        Assert.Null(rig.Write("gate", false).Refusal);
        Assert.NotNull(rig.Write("gate", false).Refusal);
        Assert.NotNull(rig.Write("gate", true).Refusal);
        rig.RunMilliseconds(60_000);
        Assert.Null(rig.Write("gate", true).Refusal);
    }

    [Fact]
    public void Refused_operations_do_not_count()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1), new("b", 2, MaxOperationsPerMinute: 2)) with { Interlocks = [new(["a", "b"])] });
        rig.Write("a", true);
        for (var i = 0; i < 10; i++)
            Assert.Equal(GpioRefusalKind.Interlocked, rig.Write("b", true).Refusal?.Kind);
        rig.Write("a", false);

        Assert.Null(rig.Write("b", true).Refusal);
    }

    [Fact]
    public void A_flood_of_writes_is_done_in_order_or_refused_each()
    {
        using var rig = GpioRig.Opened();
        var random = new Random(11);
        List<bool> done = [];
        var refused = 0;

        for (var i = 0; i < 10_000; i++)
        {
            var value = random.Next(2) == 0;
            rig.Bank.Write("lamp", value, rig.Now, outcome =>
            {
                if (outcome.Refusal is null)
                    done.Add(value);
                else
                    refused++;
            });
            if (i % 100 == 0)
                rig.RunMilliseconds(20);
        }

        rig.RunMilliseconds(1000);
        Assert.Equal(10_000, done.Count + refused);
        Assert.True(refused > 0); // 64 are under way at most
        Assert.Equal(done, rig.Chip.Driven.Where(driven => driven.Offset == 1).Select(driven => driven.Value).Skip(1));
        Assert.Equal(done[^1], rig.State("lamp").Value);
        Assert.True(rig.Changes.Count < 200);
        Assert.Equal(done[^1], rig.Changes[^1].Value);
    }

    [Fact]
    public void A_flood_of_writes_keeps_to_the_count_of_a_minute()
    {
        using var rig = GpioRig.Opened();

        for (var i = 0; i < 10_000; i++)
        {
            rig.Write("gate", i % 2 == 0);
            rig.RunMilliseconds(20); // 200 seconds in all
        }

        var driven = rig.Chip.Driven.Where(driven => driven.Offset == 6).Skip(1).Select(driven => driven.At).ToArray();
        Assert.All(driven, at => Assert.InRange(driven.Count(other => other > at - TimeSpan.FromMinutes(1) && other <= at), 1, 4)); // one more: what is on may go off
        Assert.InRange(driven.Length, 12, 16);
    }
}
