using EdgeCam.Sims.Gpio;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedGpioChipTests
{
    private const int Ann = 1;
    private const int Bob = 2;
    private const long Millisecond = 1_000_000;

    private readonly List<(int Owner, int Line, bool Value, long At)> _told = [];
    private readonly GpioChip _chip;

    public SimulatedGpioChipTests() => _chip = new(8, (owner, line, at) => _told.Add((owner, line.Offset, line.Logical, at)));

    [Fact]
    public void A_line_belongs_to_who_requested_it_until_it_is_released()
    {
        Assert.Equal(GpioStatus.NotRequested, _chip.Set(3, true, Ann, 0));
        Assert.Equal(GpioStatus.Done, _chip.Request(new(3, IsOutput: true), Ann, 0));
        Assert.Equal(GpioStatus.Busy, _chip.Request(new(3, IsOutput: true), Bob, 0));
        Assert.Equal(GpioStatus.Busy, _chip.Set(3, true, Bob, 0));
        Assert.Equal(GpioStatus.Done, _chip.Release(3, Ann, 0));
        Assert.Equal(GpioStatus.Done, _chip.Request(new(3, IsOutput: true), Bob, 0));
        Assert.Equal(GpioStatus.NoSuchLine, _chip.Request(new(8, IsOutput: true), Bob, 0));
    }

    [Fact]
    public void A_line_keeps_its_level_when_its_consumer_goes()
    {
        _chip.Request(new(0, IsOutput: true, ActiveLow: true, Initial: false), Ann, 0);
        Assert.Equal((1, 0), State(0)); // off, and so electrically high
        _chip.Set(0, true, Ann, 0);
        Assert.Equal((0, 1), State(0));
        _chip.ReleaseAll(Ann, 0);
        Assert.Equal((0, 1), State(0));
        Assert.Equal(GpioStatus.NotRequested, _chip.Get(0, Ann, out _));
    }

    [Fact]
    public void An_input_that_nothing_drives_follows_its_bias()
    {
        _chip.Request(new(1, IsOutput: false, GpioBias.Up), Ann, 0);
        _chip.Request(new(2, IsOutput: false, GpioBias.Down, ActiveLow: true), Ann, 0);
        Assert.Equal((GpioStatus.Done, true), (_chip.Get(1, Ann, out var up), up));
        Assert.Equal((GpioStatus.Done, true), (_chip.Get(2, Ann, out var down), down)); // low, and active so
        Assert.Equal(GpioStatus.NotRequested, _chip.Set(1, true, Ann, 0)); // an input cannot be set
    }

    [Fact]
    public void Edges_are_told_with_their_logical_value_and_time()
    {
        _chip.Request(new(1, IsOutput: false, GpioBias.Up, ActiveLow: true), Ann, 0);
        Assert.Null(_chip.Command(["input", "1", "0"], 5 * Millisecond));
        Assert.Null(_chip.Command(["input", "1", "0"], 6 * Millisecond)); // no edge
        Assert.Null(_chip.Command(["input", "1", "1"], 7 * Millisecond));
        Assert.Equal([(Ann, 1, true, 5 * Millisecond), (Ann, 1, false, 7 * Millisecond)], _told);
    }

    [Fact]
    public void A_bouncing_contact_is_told_once_after_it_has_held()
    {
        _chip.Request(new(1, IsOutput: false, Debounce: 10_000), Ann, 0);
        Assert.Null(_chip.Command(["bounce", "1", "7", "3000"], 0)); // seven changes, the last at 18 ms and high
        _chip.Advance(27 * Millisecond);
        Assert.Empty(_told);
        Assert.Equal((GpioStatus.Done, false), (_chip.Get(1, Ann, out var still), still));
        Assert.Equal(28 * Millisecond, _chip.Advance(27 * Millisecond));
        _chip.Advance(40 * Millisecond);
        Assert.Equal([(Ann, 1, true, 28 * Millisecond)], _told);
    }

    [Fact]
    public void A_glitch_shorter_than_the_debounce_time_is_not_told()
    {
        _chip.Request(new(1, IsOutput: false, Debounce: 10_000), Ann, 0);
        _chip.Command(["bounce", "1", "2", "4000"], 0);
        _chip.Advance(100 * Millisecond);
        Assert.Empty(_told);
    }

    [Fact]
    public void Without_debouncing_each_bounce_is_told_at_its_own_time()
    {
        _chip.Request(new(1, IsOutput: false), Ann, 0);
        _chip.Command(["bounce", "1", "3", "250"], 0);
        _chip.Advance(Millisecond);
        Assert.Equal([(Ann, 1, true, 0L), (Ann, 1, false, 250_000L), (Ann, 1, true, 500_000L)], _told);
    }

    [Fact]
    public void Faults_come_and_go_by_line()
    {
        _chip.Request(new(0, IsOutput: true), Ann, 0);
        _chip.Command(["fault", "0", "io"], 0);
        Assert.Equal(GpioStatus.InputOutput, _chip.Set(0, true, Ann, 0));
        Assert.Equal(GpioStatus.Done, _chip.Request(new(1, IsOutput: true), Ann, 0));
        _chip.Command(["fault", "0", "off"], 0);
        Assert.Equal(GpioStatus.Done, _chip.Set(0, true, Ann, 0));
        _chip.Command(["fault", "2", "busy"], 0);
        Assert.Equal(GpioStatus.Busy, _chip.Request(new(2, IsOutput: true), Ann, 0));
        Assert.Equal("there is no line 9", _chip.Command(["input", "9", "1"], 0));
        Assert.Equal("line 0 is an output", _chip.Command(["input", "0", "1"], 0));
    }

    private (int Raw, int Logical) State(int line)
    {
        var answer = EdgeCam.Sims.Common.ControlServer.Answer(_chip, "state", 0);
        var state = System.Text.Json.JsonDocument.Parse(answer).RootElement.GetProperty("lines")[line];
        return (state.GetProperty("raw").GetInt32(), state.GetProperty("logical").GetInt32());
    }
}
