using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>What fails, what is told of it, and how it comes back: safe.</summary>
public sealed class GpioFaultTests
{
    [Fact]
    public void A_write_that_fails_is_refused_with_the_fault_and_the_line_shows_it()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Faults[1] = GpioRig.IoError;

        Assert.Equal(new(GpioRefusalKind.Unavailable, "line 1: input/output error", "Check the wiring"), rig.Write("lamp", true).Refusal);

        Assert.Equal((null, GpioRig.IoError), (rig.State("lamp").Value, rig.State("lamp").Fault));
        Assert.Equal(GpioRig.IoError, Assert.Single(rig.Changes).Fault);
        Assert.Equal(1, rig.Log.Count("lamp is out of order: line 1: input/output error. Check the wiring"));
        Assert.Equal(GpioRig.IoError.What, rig.Write("lamp", true).Refusal?.What); // and the next one is not even tried
        Assert.Null(rig.Write("up", true).Refusal); // it is that line's alone
    }

    [Fact]
    public void A_line_that_another_program_has_is_tried_again_with_back_off()
    {
        using var rig = GpioRig.Closed();
        rig.Chip.Faults[1] = GpioRig.Busy;
        rig.Ports.OpenAll(rig.Now);
        rig.RunMilliseconds(40);
        Assert.Equal(GpioRig.Busy, rig.State("lamp").Fault);
        Assert.Null(rig.State("up").Fault);

        rig.RunMilliseconds(20_000);
        Assert.Single(rig.Changes, change => change.Name == "lamp"); // said once
        rig.Chip.Faults.Clear();
        var began = rig.Now;
        while (rig.State("lamp").Fault is not null)
            rig.RunMilliseconds(20);

        Assert.InRange((rig.Now - began).TotalSeconds, 8, 12); // tried at 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s
        Assert.False(rig.State("lamp").Value);
        Assert.Equal(1, rig.Log.Count("lamp is in order again"));
        Assert.Equal((null, false), (rig.Changes[^1].Fault, rig.Changes[^1].Value));
    }

    [Fact]
    public void The_back_off_ends_at_thirty_seconds_and_begins_anew_after_a_success()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Faults[1] = GpioRig.IoError;
        rig.Write("lamp", true);
        rig.RunMilliseconds(10 * 60_000);
        rig.Chip.Faults.Clear();
        rig.RunMilliseconds(30_060);
        Assert.Null(rig.State("lamp").Fault);

        rig.Chip.Faults[1] = GpioRig.IoError;
        rig.Write("lamp", true);
        rig.Chip.Faults.Clear();
        rig.RunMilliseconds(560);
        Assert.Null(rig.State("lamp").Fault);
    }

    [Fact]
    public void A_line_comes_back_safe_not_as_it_was()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("lamp", 1, Initial: true), new("lock", 2, Safe: true)));
        rig.Write("lamp", true);
        rig.Write("lock", false);
        rig.Chip.Faults[1] = rig.Chip.Faults[2] = GpioRig.IoError;
        rig.Write("lamp", true);
        rig.Write("lock", false);
        rig.Forget();

        rig.Chip.Faults.Clear();
        rig.RunMilliseconds(600);

        Assert.Equal((false, true), (rig.Level("lamp"), rig.Level("lock")));
        Assert.Equal([GpioCause.Safe, GpioCause.Safe], rig.Changes.Select(change => change.Cause!.Value));
    }

    [Fact]
    public void A_line_that_comes_back_keeps_to_the_interlock()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1, Safe: true), new("b", 2)) with { Interlocks = [new(["a", "b"])] });
        rig.Write("a", false);
        rig.Write("b", true);
        rig.Chip.Faults[1] = GpioRig.IoError;
        rig.Write("a", false);
        rig.Chip.Faults.Clear();

        rig.RunMilliseconds(600);

        Assert.Equal((false, true), (rig.Level("a"), rig.Level("b")));
    }

    [Fact]
    public void A_chip_that_goes_takes_its_lines_with_it_and_brings_them_back_safe()
    {
        using var rig = GpioRig.Opened();
        rig.Write("lamp", true);
        rig.Pulse("up", 10_000);
        GpioOutcome? underWay = null;
        rig.Bank.Write("lamp", true, rig.Now, outcome => underWay = outcome);
        rig.Forget();

        rig.Chip.Break(GpioRig.NoChip, rig.Now);

        Assert.Equal(GpioRig.NoChip.What, underWay?.Refusal?.What);
        Assert.All(rig.Bank.Lines(rig.Now), line => Assert.Equal((null, GpioRig.NoChip), (line.Value, line.Fault)));
        Assert.Equal(7, rig.Changes.Count(change => change.Fault == GpioRig.NoChip));
        Assert.Equal(GpioRig.NoChip.What, rig.Read("bell").Refusal?.What);
        rig.Chip.Break(GpioRig.NoChip, rig.Now);
        Assert.Equal(7, rig.Changes.Count); // once is enough

        rig.RunMilliseconds(1000);
        rig.Chip.Open(rig.Now);
        rig.RunMilliseconds(40);
        Assert.Equal((false, false), (rig.Level("lamp"), rig.Level("up")));
        Assert.All(rig.Bank.Lines(rig.Now), line => Assert.Equal((false, null, null), (line.Value, line.Fault, line.PulseEndsIn)));
        Assert.Equal((7, 7), (rig.Changes.Count(change => change.Fault is null), rig.Log.Count("in order again")));
        Assert.True(rig.Changes.Single(change => change is { Name: "lamp", Fault: null }) is { IsEdge: true, Cause: GpioCause.Safe });
    }

    [Fact]
    public void An_initial_value_is_for_the_start_alone()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new GpioLineOptions("lamp", 1, Initial: true)));
        Assert.True(rig.Level("lamp"));

        rig.Chip.Break(GpioRig.NoChip, rig.Now);
        rig.Chip.Open(rig.Now);
        rig.RunMilliseconds(1000);

        Assert.Equal([false, true, false], rig.Chip.Driven.Select(driven => driven.Value)); // and not for a moment
    }

    [Fact]
    public void The_longest_time_on_counts_over_a_chip_that_went_and_came()
    {
        // A guard that could not be reached did not switch it off either; the chip kept its level.
        using var rig = GpioRig.Opened();
        rig.Write("pump", true);
        rig.RunMilliseconds(8000);
        rig.Chip.Faults[5] = GpioRig.Busy;
        rig.Chip.Break(GpioRig.NoChip, rig.Now);
        rig.Chip.Open(rig.Now);
        rig.RunMilliseconds(200);
        Assert.Equal((true, GpioRig.Busy), (rig.Level("pump"), rig.State("pump").Fault));

        rig.Chip.Faults.Clear();
        rig.RunMilliseconds(1000);

        Assert.False(rig.Level("pump"));
    }

    [Fact]
    public void The_time_on_runs_on_while_nobody_knows_and_ends_once_it_is_known_to_be_off()
    {
        var (line, began) = (new GpioLine(new("pump", 5, MaxOnSeconds: 10)), new Instant(1000));
        line.Sent(true, began);
        line.Answered(true);
        line.Take(true, began + TimeSpan.FromMilliseconds(5));

        line.Fail(GpioRig.NoChip, began + TimeSpan.FromSeconds(3), isRetried: false);
        line.Opened();
        line.Take(true, began + TimeSpan.FromSeconds(9)); // the chip kept its level, and taking it anew did not change it

        Assert.Equal(began, line.OnSince);
        line.Take(false, began + TimeSpan.FromSeconds(10));
        Assert.Null(line.OnSince);
    }

    [Fact]
    public void A_chip_that_does_not_answer_within_a_second_is_out_of_order()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.IsSilent = true;
        GpioOutcome? outcome = null;

        rig.Bank.Write("lamp", true, rig.Now, given => outcome = given);
        rig.RunMilliseconds(980);
        Assert.Null(outcome);
        rig.RunMilliseconds(20);

        Assert.Equal("lamp: gpio:/dev/gpiochip0 does not answer", outcome?.Refusal?.What);
        Assert.NotNull(rig.State("lamp").Fault);
        rig.Chip.IsSilent = false;
        rig.RunMilliseconds(1000);
        Assert.Equal((false, null), (rig.State("lamp").Value, rig.State("lamp").Fault)); // what came too late counts for nothing
        Assert.False(rig.Level("lamp"));
    }

    [Fact]
    public void Made_safe_every_output_has_its_safe_value_and_no_pulse_runs()
    {
        using var rig = GpioRig.Opened(GpioRig.Options with { Lines = [.. GpioRig.Options.Lines, new("lock", 8, Safe: true)] });
        rig.Write("lamp", true);
        rig.Write("lock", false);
        rig.Pulse("up", 200);
        rig.Pulse("siren", 200, value: false);
        rig.Ask((bank, now, done) => bank.Dim("dimmer", 1, now, done));
        rig.Forget();

        rig.Bank.MakeSafe("the agent stops", rig.Now);
        rig.RunMilliseconds(1000);

        Assert.Equal((false, true, false, false), (rig.Level("lamp"), rig.Level("lock"), rig.Level("up"), rig.Level("siren")));
        Assert.Equal(100_000u, rig.Pwm.Output.Pulse);
        Assert.Equal(["dimmer", "lamp", "lock", "up"], rig.Changes.Select(change => change.Name).Order(StringComparer.Ordinal));
        Assert.All(rig.Changes, change => Assert.Equal(GpioCause.Safe, change.Cause));
        Assert.Equal(1, rig.Log.Count("made safe: the agent stops"));
    }

    [Fact]
    public void Made_safe_by_the_guard_the_bank_knows_it_as_soon_as_it_is_heard_again()
    {
        using var rig = GpioRig.Opened();
        rig.Write("lamp", true);
        rig.Ask((bank, now, done) => bank.Dim("dimmer", 1, now, done));
        rig.Chip.WriteSafe(rig.Now);
        (rig.Chip.IsDeaf, rig.Pwm.IsDeaf) = (true, true);

        rig.Bank.MakeSafe("the agent was silent", rig.Now);
        rig.RunMilliseconds(100);
        (rig.Chip.IsDeaf, rig.Pwm.IsDeaf) = (false, false);
        rig.RunMilliseconds(600);

        Assert.Equal((false, false), (rig.State("lamp").Value, rig.Level("lamp")));
        Assert.Equal((0.1, 100_000u), (rig.Bank.Outputs()[0].Duty, rig.Pwm.Output.Pulse));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pulse_whose_end_the_port_did_not_take_ends_as_soon_as_it_does(bool value)
    {
        using var rig = GpioRig.Opened();
        rig.Write("lamp", !value);
        rig.Pulse("lamp", 100, value);
        rig.RunMilliseconds(60);
        rig.Chip.IsDeaf = true;
        rig.RunMilliseconds(200);
        Assert.Equal(value, rig.Level("lamp"));
        Assert.Equal(TimeSpan.Zero, rig.State("lamp").PulseEndsIn);

        rig.Chip.IsDeaf = false;
        rig.RunMilliseconds(40);

        Assert.Equal(!value, rig.Level("lamp"));
        Assert.Null(rig.State("lamp").PulseEndsIn);
    }

    [Fact]
    public void The_end_of_a_pulse_that_the_port_did_not_take_stays_reserved()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("up", 2), new("down", 3, Chip: "/dev/gpiochip1")) with { Interlocks = [new(["up", "down"])] });
        rig.Pulse("up", 100, value: false);
        rig.Chip.IsDeaf = true;
        rig.RunMilliseconds(200);

        Assert.Equal("down must not be on together with up, which goes on by itself in 0 ms", rig.Write("down", true).Refusal?.What);
    }

    [Fact]
    public void A_bug_at_one_chip_costs_no_line_of_another_its_end()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1), new("b", 1, Chip: "/dev/gpiochip1"), new("c", 2, Chip: "/dev/gpiochip1", MaxOnSeconds: 1)));
        rig.Pulse("a", 100);
        rig.Pulse("b", 100);
        rig.Write("c", true);
        rig.Chip.Handed = () => throw new InvalidOperationException("a bug");

        for (var i = 0; i < 60; i++)
        {
            try
            {
                rig.RunMilliseconds(20);
            }
            catch (AggregateException bugs)
            {
                Assert.All(bugs.InnerExceptions, bug => Assert.Equal("a bug", bug.Message));
            }
        }

        Assert.Equal((false, false), (rig.Ports.Chips[1].Levels[1], rig.Ports.Chips[1].Levels[2]));
        Assert.Throws<AggregateException>(() => rig.Bank.MakeSafe("a test", rig.Now)); // and it is told
    }

    [Fact]
    public void Made_safe_what_must_be_off_is_off_before_the_other_goes_on()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1, Safe: true), new("b", 2)) with { Interlocks = [new(["a", "b"])] });
        rig.Write("a", false);
        rig.Write("b", true);
        rig.Chip.Driven.Clear();

        rig.Bank.MakeSafe("test", rig.Now);
        rig.RunMilliseconds(60);

        Assert.Equal([(2, false), (1, true)], rig.Chip.Driven.Select(driven => ((int)driven.Offset, driven.Value)));
    }

    [Fact]
    public void What_the_guard_writes_by_itself_is_the_same()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1, Safe: true), new("b", 2), new("bell", 3, Direction: "input")) with { Interlocks = [new(["a", "b"])] });
        rig.Write("a", false);
        rig.Write("b", true);
        rig.Chip.Driven.Clear();

        rig.Chip.WriteSafe(rig.Now);

        Assert.Equal([(2, false), (1, true)], rig.Chip.Driven.Select(driven => ((int)driven.Offset, driven.Value)));
    }

    [Fact]
    public void A_pwm_output_that_fails_is_tried_again_and_comes_back_safe()
    {
        using var rig = GpioRig.Opened();
        rig.Ask((bank, now, done) => bank.Dim("dimmer", 0.8, now, done));
        rig.Pwm.Failure = GpioRig.IoError;

        Assert.Equal(GpioRig.IoError.What, rig.Ask((bank, now, done) => bank.Dim("dimmer", 0.9, now, done)).Refusal?.What);
        Assert.Equal((null, GpioRig.IoError), (rig.Bank.Outputs()[0].Duty, rig.Bank.Outputs()[0].Fault));
        rig.RunMilliseconds(5000);
        rig.Pwm.Failure = null;
        rig.RunMilliseconds(5000);

        Assert.Equal((0.1, null), (rig.Bank.Outputs()[0].Duty, rig.Bank.Outputs()[0].Fault));
        Assert.Equal(100_000u, rig.Pwm.Output.Pulse);
        Assert.Equal(GpioCause.Safe, rig.Changes[^1].Cause);

        rig.Pwm.Break(GpioRig.NoChip, rig.Now);
        Assert.Equal(GpioRig.NoChip, rig.Bank.Outputs()[0].Fault);
        rig.Pwm.Open(rig.Now);
        Assert.Equal(0.1, rig.Bank.Outputs()[0].Duty);
    }
}
