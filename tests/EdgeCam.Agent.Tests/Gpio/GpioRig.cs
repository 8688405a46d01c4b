using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>A bank on fake ports, in virtual time: what is asked is answered in the next round of 20 ms, or when a test says so.</summary>
internal sealed class GpioRig : IDisposable
{
    public static readonly DeviceFault IoError = new("line 1: input/output error", "Check the wiring");
    public static readonly DeviceFault Busy = new("line 1 is used by another program", "Stop that program");
    public static readonly DeviceFault NoChip = new("/dev/gpiochip0 cannot be opened", "Check the path");

    private static readonly GpioLineOptions[] s_lines =
    [
        new("lamp", 1),
        new("up", 2), new("down", 3),
        new("bell", 4, Direction: "input"),
        new("pump", 5, MaxOnSeconds: 10),
        new("gate", 6, MaxOperationsPerMinute: 3),
        new("siren", 7, Scope: "manage"),
    ];

    private GpioRig(GpioOptions options)
    {
        Bank = new(options, Ports, Time, Drops, Log);
        Bank.Changed += (change, watchers) =>
        {
            Changes.Add(change);
            Told.AddRange(watchers.Select(watcher => (watcher, change)));
        };
    }

    public static GpioOptions Options { get; } = new(
        Lines: s_lines, Pwm: [new("dimmer", "pwm:/sys/class/pwm/pwmchip0?channel=0", Safe: 10)], Interlocks: [new(["up", "down"], "Shutter")]);

    public ManualTime Time { get; } = new();

    public FakePorts Ports { get; } = new();

    public DropCounters Drops { get; } = new();

    public LogLines<GpioBank> Log { get; } = new();

    public GpioBank Bank { get; }

    public List<GpioChange> Changes { get; } = [];

    public List<(string Watcher, GpioChange Change)> Told { get; } = [];

    public Instant Now => new(Time.GetTimestamp());

    public FakeChip Chip => Ports.Chips[0];

    public FakePwm Pwm => Ports.Outputs[0];

    /// <summary>One whose ports are open, and whose lines are in order.</summary>
    public static GpioRig Opened(GpioOptions? options = null)
    {
        var rig = Closed(options);
        rig.Ports.OpenAll(rig.Now);
        rig.Run(TimeSpan.FromMilliseconds(100));
        rig.Forget();
        return rig;
    }

    public static GpioRig Closed(GpioOptions? options = null)
    {
        var rig = new GpioRig(options ?? Options);
        rig.Time.Advance(TimeSpan.FromHours(1)); // the clock's beginning is no special moment
        return rig;
    }

    public static GpioOptions With(params GpioLineOptions[] lines) => new(Lines: lines);

    public void Forget()
    {
        Changes.Clear();
        Told.Clear();
    }

    /// <summary>Rounds of 20 ms: the chip does what it was told, then every line has its turn.</summary>
    public void Run(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= DeviceLoop.Interval)
        {
            Time.Advance(DeviceLoop.Interval);
            Ports.Deliver(Now);
            Bank.Tick(Now);
        }
    }

    public void RunMilliseconds(double milliseconds) => Run(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Asks something of the bank, lets the chip answer and gives the outcome.</summary>
    public GpioOutcome Ask(Action<GpioBank, Instant, Action<GpioOutcome>> question)
    {
        GpioOutcome? outcome = null;
        question(Bank, Now, given => outcome = given);
        Ports.Deliver(Now);
        Assert.NotNull(outcome);
        return outcome;
    }

    public GpioOutcome Write(string name, bool value) => Ask((bank, now, done) => bank.Write(name, value, now, done));

    public GpioOutcome Pulse(string name, double milliseconds, bool value = true) =>
        Ask((bank, now, done) => bank.Pulse(name, TimeSpan.FromMilliseconds(milliseconds), value, now, done));

    public GpioOutcome Read(string name) => Ask((bank, now, done) => bank.Read(name, now, done));

    public GpioOutcome Toggle(string name) => Ask((bank, now, done) => bank.Toggle(name, now, done));

    public GpioLineState State(string name) => Assert.Single(Bank.Lines(Now, [name]));

    /// <summary>The level at the chip.</summary>
    public bool Level(string name) => Chip.Levels.GetValueOrDefault((ushort)State(name).Options.Offset);

    public void Dispose() => Drops.Dispose();
}
