using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>What lines and PWM outputs do when nothing is in the way.</summary>
public sealed class GpioBankTests
{
    [Fact]
    public void A_write_is_done_once_the_chip_has_done_it()
    {
        using var rig = GpioRig.Opened();
        GpioOutcome? outcome = null;

        rig.Bank.Write("lamp", true, rig.Now, given => outcome = given);
        Assert.Null(outcome);
        Assert.False(rig.State("lamp").Value);

        rig.Ports.Deliver(rig.Now);
        Assert.Equal(new(null, true), outcome);
        Assert.True(rig.State("lamp").Value);
        Assert.True(rig.Level("lamp"));
        Assert.Equal(rig.Time.GetUtcNow(), rig.State("lamp").ChangedAt);
        var change = Assert.Single(rig.Changes);
        Assert.Equal(("lamp", true, true, GpioCause.Write), (change.Name, change.Value, change.IsEdge, change.Cause));
    }

    [Fact]
    public void Writing_what_is_there_already_is_done_and_no_change()
    {
        using var rig = GpioRig.Opened();

        Assert.Equal(new(null, false), rig.Write("lamp", false));

        Assert.Empty(rig.Changes);
        Assert.Null(rig.State("lamp").ChangedAt);
    }

    [Fact]
    public void A_line_is_requested_as_configured_and_its_values_are_logical()
    {
        using var rig = GpioRig.Opened(GpioRig.With(
            new("lamp", 17, ActiveLow: true), new("bell", 4, Direction: "input", Pull: "up", DebounceMilliseconds: 30, ActiveLow: true)));

        Assert.Equal(new(17, GpioDirection.Output, GpioPull.None, IsActiveLow: true, Value: false, TimeSpan.Zero), rig.Chip.Requests[17]);
        Assert.Equal(new(4, GpioDirection.Input, GpioPull.Up, IsActiveLow: true, Value: false, TimeSpan.FromMilliseconds(30)), rig.Chip.Requests[4]);
        rig.Write("lamp", true);
        Assert.True(rig.Level("lamp"));
    }

    [Fact]
    public void Lines_open_safe_and_then_have_their_initial_values()
    {
        using var rig = GpioRig.Closed(GpioRig.With(new("lamp", 1, Initial: true), new("lock", 2, Initial: false, Safe: true), new("fan", 3)));
        Assert.Equal("/dev/gpiochip0 is being opened", rig.State("lamp").Fault?.What.Replace("gpio:", "", StringComparison.Ordinal));

        rig.Ports.OpenAll(rig.Now);
        Assert.Equal([(1, false), (3, false), (2, true)], rig.Chip.Driven.Select(driven => ((int)driven.Offset, driven.Value)));
        rig.RunMilliseconds(60);

        Assert.Equal((true, false, false), (rig.Level("lamp"), rig.Level("lock"), rig.Level("fan")));
        Assert.True(rig.State("lamp").Value);
    }

    [Fact]
    public void A_toggle_gives_the_other_value()
    {
        using var rig = GpioRig.Opened();

        Assert.Equal(new(null, true), rig.Toggle("lamp"));
        Assert.Equal(new(null, false), rig.Toggle("lamp"));
    }

    [Fact]
    public void Two_toggles_at_once_are_two()
    {
        using var rig = GpioRig.Opened();
        List<bool?> values = [];

        for (var i = 0; i < 2; i++)
            rig.Bank.Toggle("lamp", rig.Now, outcome => values.Add(outcome.Value));
        rig.Ports.Deliver(rig.Now);

        Assert.Equal([true, false], values);
    }

    [Fact]
    public void Reading_asks_the_chip()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Levels[4] = true; // and no edge was told

        Assert.Equal(new(null, true), rig.Read("bell"));
        Assert.True(Assert.Single(rig.Changes).IsEdge);
    }

    [Fact]
    public void An_input_cannot_be_switched()
    {
        using var rig = GpioRig.Opened();

        Assert.Equal(GpioRefusalKind.IsInput, rig.Write("bell", true).Refusal?.Kind);
        Assert.Equal(GpioRefusalKind.IsInput, rig.Pulse("bell", 100).Refusal?.Kind);
        Assert.Equal(GpioRefusalKind.IsInput, rig.Toggle("bell").Refusal?.Kind);
        Assert.False(rig.Level("bell"));
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(20, 20)]
    [InlineData(250, 260)]
    [InlineData(60_000, 60_000)]
    public void A_pulse_lasts_as_long_as_asked_to_the_tick(int asked, int lasted)
    {
        using var rig = GpioRig.Opened();

        Assert.Equal(new(null, true), rig.Pulse("lamp", asked));
        Assert.Equal(TimeSpan.FromMilliseconds(asked), rig.State("lamp").PulseEndsIn);
        Assert.Equal(TimeSpan.FromMilliseconds(asked), Assert.Single(rig.Changes).PulseEndsIn);
        var began = rig.Now;
        while (rig.Level("lamp"))
        {
            rig.RunMilliseconds(20);
            rig.Ports.Deliver(rig.Now);
        }

        Assert.Equal(lasted, (rig.Now - began).TotalMilliseconds);
        Assert.Null(rig.State("lamp").PulseEndsIn);
        Assert.Equal([GpioCause.Pulse, GpioCause.Pulse], rig.Changes.Select(change => change.Cause!.Value));
    }

    [Fact]
    public void A_pulse_may_be_off()
    {
        using var rig = GpioRig.Opened();
        rig.Write("lamp", true);

        rig.Pulse("lamp", 100, value: false);
        Assert.False(rig.Level("lamp"));
        rig.RunMilliseconds(140);

        Assert.True(rig.Level("lamp"));
    }

    [Fact]
    public void A_new_pulse_replaces_the_one_that_runs()
    {
        using var rig = GpioRig.Opened();
        rig.Pulse("lamp", 100);
        rig.RunMilliseconds(60);

        rig.Pulse("lamp", 200);
        rig.RunMilliseconds(180);
        Assert.True(rig.Level("lamp"));
        rig.RunMilliseconds(40);
        Assert.False(rig.Level("lamp"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_write_ends_a_pulse(bool value)
    {
        using var rig = GpioRig.Opened();
        rig.Pulse("lamp", 100);

        rig.Write("lamp", value);
        rig.RunMilliseconds(1000);

        Assert.Equal(value, rig.Level("lamp"));
        Assert.Null(rig.State("lamp").PulseEndsIn);
    }

    [Fact]
    public void An_edge_is_told_with_the_time_at_which_it_was()
    {
        using var rig = GpioRig.Opened();
        var at = rig.Now;
        rig.Time.Advance(TimeSpan.FromMilliseconds(35));

        rig.Chip.Input(4, true, at, rig.Now);

        var change = Assert.Single(rig.Changes);
        Assert.Equal(("bell", true, true, GpioCause.Input), (change.Name, change.Value, change.IsEdge, change.Cause));
        Assert.Equal(DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(at.Ticks), change.At);
        Assert.Equal(change.At, rig.State("bell").ChangedAt);
    }

    [Fact]
    public void An_edge_of_the_future_was_now()
    {
        using var rig = GpioRig.Opened();

        rig.Chip.Input(4, true, rig.Now + TimeSpan.FromDays(400), rig.Now);

        Assert.Equal(rig.Time.GetUtcNow(), Assert.Single(rig.Changes).At);
    }

    [Fact]
    public void An_edge_that_was_found_by_asking_before_it_was_told_is_told_once()
    {
        using var rig = GpioRig.Opened();
        var at = rig.Now;
        rig.Chip.Levels[4] = true;
        rig.RunMilliseconds(20);
        rig.Read("bell");

        rig.Chip.Input(4, true, at, rig.Now);

        Assert.Single(rig.Changes);
    }

    [Fact]
    public void A_press_is_told_even_where_the_release_before_it_was_lost()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Input(4, true, rig.Now, rig.Now);
        rig.RunMilliseconds(20);

        rig.Chip.Input(4, true, rig.Now, rig.Now);

        Assert.Equal([true, true], rig.Changes.Select(change => change.IsEdge));
    }

    [Fact]
    public void A_level_whose_edge_was_lost_is_found_within_ten_seconds()
    {
        using var rig = GpioRig.Opened();
        rig.Chip.Input(4, true, rig.Now, rig.Now, isTold: false);

        rig.RunMilliseconds(10_020);

        Assert.True(rig.State("bell").Value);
        Assert.True(Assert.Single(rig.Changes).Value);
    }

    [Fact]
    public void A_chattering_contact_is_told_in_bounded_number_and_ends_as_it_is()
    {
        using var rig = GpioRig.Opened();

        for (var i = 0; i <= 10_000; i++)
            rig.Chip.Input(4, i % 2 == 0, rig.Now, rig.Now);
        rig.RunMilliseconds(200);

        Assert.InRange(rig.Changes.Count, 16, 17);
        Assert.True(rig.Changes[^1].Value);
        Assert.True(rig.Drops[Stage.Control, DropReason.Superseded] > 9000);
    }

    [Fact]
    public void What_no_chip_says_is_left_alone()
    {
        using var rig = GpioRig.Opened();
        var random = new Random(7);

        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[random.Next(16)];
            random.NextBytes(bytes);
            rig.Chip.Receive(bytes, rig.Now);
        }

        rig.Chip.Receive(GpioCommand.Edge(900, true, 1), rig.Now); // no such line
        rig.Chip.Receive(GpioCommand.Edge(1, true, 1), rig.Now); // an output
        Assert.Empty(rig.Changes);
        Assert.False(rig.State("lamp").Value);
    }

    [Fact]
    public void A_pwm_output_has_its_frequency_and_duty()
    {
        using var rig = GpioRig.Opened();
        Assert.Equal(new(1_000_000, 0, IsEnabled: true), rig.Pwm.Output); // initial, after 10 per cent at the opening

        var outcome = rig.Ask((bank, now, done) => bank.Dim("dimmer", 0.25, now, done));

        Assert.Equal(new(null, Duty: 0.25), outcome);
        Assert.Equal(new(1_000_000, 250_000, IsEnabled: true), rig.Pwm.Output);
        Assert.Equal(0.25, Assert.Single(rig.Bank.Outputs()).Duty);
        var change = Assert.Single(rig.Changes);
        Assert.Equal((true, "dimmer", 0.25, GpioCause.Write), (change.IsPwm, change.Name, change.Duty, change.Cause));
    }

    [Fact]
    public void Lines_of_another_chip_are_on_another_port()
    {
        using var rig = GpioRig.Opened(GpioRig.With(new("a", 1), new("b", 1, Chip: "unix:/run/gpio")));
        Assert.Equal(["gpio:/dev/gpiochip0", "gpio:unix:/run/gpio"], rig.Ports.Chips.Select(chip => chip.Plan.Uri));

        rig.Write("b", true);

        Assert.False(rig.Ports.Chips[0].Levels[1]);
        Assert.True(rig.Ports.Chips[1].Levels[1]);
    }
}
