using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>
/// All lines and PWM outputs that the configuration names; there are no others. What is asked of one is done in the order in which it is
/// asked, or refused: by an interlock, by the longest time it may be on, by how often it may be switched, by a fault.
/// </summary>
internal sealed class GpioBank : IDevice
{
    private readonly TimeProvider _time;
    private readonly DropCounters _drops;
    private readonly ILogger<GpioBank> _log;
    private readonly GpioInterlocks _interlocks;
    private readonly List<GpioChip> _chips = [];
    private readonly Dictionary<GpioLine, GpioChip> _chipOf = [];
    private readonly Dictionary<string, GpioLine> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GpioPwmOutput> _outputs = new(StringComparer.Ordinal);
    private readonly GpioWatches _watches = new();
    private readonly HashSet<string> _outOfOrder = new(StringComparer.Ordinal);

    /// <param name="time">For the wall's time of changes.</param>
    public GpioBank(GpioOptions options, IPortOpener opener, TimeProvider time, DropCounters drops, ILogger<GpioBank> log)
    {
        (_time, _drops, _log) = (time, drops, log);
        foreach (var line in options.Lines)
            _lines.Add(line.Name, new(line));
        _interlocks = new(options.Interlocks, _lines);
        foreach (var (name, lines) in GpioPlans.Chips(options))
        {
            var chip = new GpioChip(GpioPlans.ForChip(name, lines), [.. lines.Select(line => _lines[line.Name])], line => _interlocks.FindRefusal(line, default) is null, OnChanged);
            _chips.Add(chip);
            foreach (var line in chip.Lines)
                _chipOf.Add(line, chip);
        }

        foreach (var output in options.Pwm)
            _outputs.Add(output.Name, new(output, OnPwmChanged));
        foreach (var chip in _chips)
            chip.Open(opener);
        foreach (var output in _outputs.Values)
            output.Open(opener);
    }

    /// <summary>Something changed, and who watches it. Raised in the device loop; must not wait.</summary>
    public event Action<GpioChange, IReadOnlyList<string>>? Changed;

    public string Name => "gpio";

    /// <summary>A line as configured; from any thread.</summary>
    public GpioLineOptions? FindLine(string name) => _lines.GetValueOrDefault(name)?.Options;

    /// <summary>The same of a PWM output.</summary>
    public GpioPwmOptions? FindPwm(string name) => _outputs.GetValueOrDefault(name)?.Options;

    /// <param name="names">Null: all.</param>
    public IReadOnlyList<GpioLineState> Lines(Instant now, IReadOnlyList<string>? names = null) =>
        [.. _lines.Values.Where(line => names?.Contains(line.Name) != false).Select(line => new GpioLineState(
            line.Options, line.Value, line.ChangedAt, _chipOf[line].FaultOf(line), PulseEndsIn(line, now), _interlocks.Others(line)))];

    /// <param name="names">Null: all.</param>
    public IReadOnlyList<GpioPwmState> Outputs(IReadOnlyList<string>? names = null) =>
        [.. _outputs.Values.Where(output => names?.Contains(output.Options.Name) != false).Select(output => new GpioPwmState(output.Options, output.Duty, output.ChangedAt, output.Fault))];

    /// <param name="done">Is told once, in the device loop, within about a second.</param>
    public void Read(string name, Instant now, Action<GpioOutcome> done) => _chipOf[_lines[name]].Get(_lines[name], now, done);

    /// <summary>Ends a pulse, too.</summary>
    public void Write(string name, bool value, Instant now, Action<GpioOutcome> done) => Switch(_lines[name], value, null, now, done);

    public void Toggle(string name, Instant now, Action<GpioOutcome> done) => Switch(_lines[name], _lines[name].Expected != true, null, now, done);

    /// <summary>The value for so long, to the tick, and then the other one.</summary>
    public void Pulse(string name, TimeSpan length, bool value, Instant now, Action<GpioOutcome> done) => Switch(_lines[name], value, length, now, done);

    /// <param name="duty">0 to 1.</param>
    public void Dim(string name, double duty, Instant now, Action<GpioOutcome> done) => _outputs[name].Set(duty, GpioCause.Write, now, done);

    /// <param name="names">Null: all.</param>
    public void Watch(string caller, IReadOnlyList<string>? names) => _watches.Set(caller, names);

    public void Unwatch(string caller) => _watches.Remove(caller);

    public void Tick(Instant now)
    {
        List<Exception> bugs = [];
        Do(_lines.Values, line => EndPulse(line, now), bugs); // first: whatever becomes of the rest, what must end ends
        Do(_lines.Values, line => EndOn(line, now), bugs);
        Do(_chips, chip => chip.Tick(now), bugs);
        Do([this], bank => bank.PursueGoals(now), bugs);
        Do(_outputs.Values, output => output.Tick(now), bugs);
        Do(_lines.Values, line => Announce(line.Announcements.TakeDue(now)), bugs);
        Do(_outputs.Values, output => Announce(output.Announcements.TakeDue(now)), bugs);
        if (bugs.Count > 0)
            throw new AggregateException(bugs);
    }

    /// <summary>Its watches end. Levels and pulses stay: a lamp is not a motor.</summary>
    public void HandleCallerGone(string caller, Instant now) => Unwatch(caller);

    public void MakeSafe(string reason, Instant now)
    {
        _log.MadeSafe(reason);
        foreach (var line in _lines.Values.Where(line => line is { IsOutput: true, Value: not null }))
            (line.Pulse, line.Goal) = (null, new(line.Options.Safe, GpioCause.Safe));
        List<Exception> bugs = [];
        Do([this], bank => bank.PursueGoals(now), bugs);
        Do(_outputs.Values, output => output.Set(output.Options.Safe / 100.0, GpioCause.Safe, now), bugs);
        if (bugs.Count > 0)
            throw new AggregateException(bugs);
    }

    /// <summary>Our own bug at one costs the others nothing; the loop hears of it afterwards.</summary>
    private static void Do<T>(IEnumerable<T> all, Action<T> action, List<Exception> bugs)
    {
        foreach (var one in all)
        {
            try
            {
                action(one);
            }
#pragma warning disable CA1031 // see above
            catch (Exception bug)
#pragma warning restore CA1031
            {
                bugs.Add(bug);
            }
        }
    }

    private void Switch(GpioLine line, bool value, TimeSpan? pulse, Instant now, Action<GpioOutcome> done)
    {
        if (FindRefusal(line, value, pulse, now) is { } refusal)
        {
            if (refusal.Kind == GpioRefusalKind.TooMany)
                _drops.Count(Stage.Control, DropReason.RateLimited);
            done(new(refusal));
        }
        else if (_chipOf[line].TrySet(line, value, pulse is null ? GpioCause.Write : GpioCause.Pulse, now, done))
        {
            line.Operations.Add(now);
            line.Goal = null;
            line.Pulse = pulse is { } length ? new(now + length, !value) : null;
        }
    }

    private GpioRefusal? FindRefusal(GpioLine line, bool value, TimeSpan? pulse, Instant now)
    {
        if (!line.IsOutput)
            return new(GpioRefusalKind.IsInput, $"{line.Name} is an input", "Choose an output");
        if (_chipOf[line].FaultOf(line) is { } fault)
            return GpioRefusal.From(fault);
        if (_chipOf[line].IsFull(line))
            return new(GpioRefusalKind.TooMany, $"{line.Name} has too much to do", "Send fewer");
        var wait = line.Operations.Wait(now);
        var isGoingOff = !value && pulse is null && line.Expected == true; // what is on may always go off, whatever the count says
        if (wait > TimeSpan.Zero && !isGoingOff)
        {
            return new(
                GpioRefusalKind.TooMany, FormattableString.Invariant($"{line.Name} may be switched {line.Options.MaxOperationsPerMinute} times a minute"),
                FormattableString.Invariant($"Try again in {Math.Ceiling(wait.TotalSeconds):0} s"), wait);
        }

        if (pulse is { } length && value && line.Options.MaxOnSeconds is { } most && length > TimeSpan.FromSeconds(most))
            return new(GpioRefusalKind.Interlocked, $"{line.Name} may be on for {most} s at most", "Ask for a shorter pulse");
        return value || pulse is not null ? _interlocks.FindRefusal(line, now) : null; // a pulse is on either now or at its end
    }

    private void EndPulse(GpioLine line, Instant now)
    {
        if (line.Pulse is not { } pulse || pulse.EndsAt > now)
            return;
        if (pulse.Then && _interlocks.FindRefusal(line, now) is not null)
        {
            line.Pulse = null;
            OnChanged(line, isEdge: false, GpioCause.Interlock, now, now); // it stays off
        }
        else if (_chipOf[line].TrySet(line, pulse.Then, GpioCause.Pulse, now))
        {
            line.Pulse = null; // else the port takes nothing just now: it ends as soon as it does, and until then its end is reserved
        }
    }

    private void EndOn(GpioLine line, Instant now)
    {
        if (line.OnSince is not { } since || line.Options.MaxOnSeconds is not { } most || now - since < TimeSpan.FromSeconds(most) || line.Value is null || line.Expected == false)
            return;
        (line.Pulse, line.Goal) = (null, null);
        if (_chipOf[line].TrySet(line, value: false, GpioCause.Interlock, now)) // else again in the next turn: it is on still
            _log.OnTooLong(line.Name);
    }

    /// <summary>Off before on; and on only once what must be off is confirmed to be.</summary>
    private void PursueGoals(Instant now)
    {
        foreach (var isOn in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var line in _lines.Values)
            {
                if (line.Value is null || line.Goal is not { } goal || goal.Value != isOn || (isOn && _interlocks.FindRefusal(line, now) is not null))
                    continue;
                if (line.Expected == goal.Value || _chipOf[line].TrySet(line, goal.Value, goal.Cause, now))
                    line.Goal = null; // else the port takes nothing just now
            }
        }
    }

    private void OnChanged(GpioLine line, bool isEdge, GpioCause? cause, Instant at, Instant now)
    {
        var change = new GpioChange(line.Name, IsPwm: false, line.Value, null, ToWall(at, now), isEdge, cause, PulseEndsIn(line, now), line.Fault);
        if (isEdge)
            line.ChangedAt = change.At;
        Tell(line.Announcements, change, now);
    }

    private void OnPwmChanged(GpioPwmOutput output, GpioCause? cause, Instant now)
    {
        var change = new GpioChange(output.Options.Name, IsPwm: true, null, output.Duty, ToWall(now, now), Cause: cause, Fault: output.Duty is null ? output.Fault : null);
        if (output.Duty is not null)
            output.ChangedAt = change.At;
        Tell(output.Announcements, change, now);
    }

    private void Tell(Announcements announcements, GpioChange change, Instant now)
    {
        if (change.Fault is { } fault)
        {
            _outOfOrder.Add(change.Name);
            _log.OutOfOrder(change.Name, fault.What, fault.Remedy);
        }
        else if (_outOfOrder.Remove(change.Name))
        {
            _log.InOrder(change.Name);
        }

        if (announcements.Offer(change, now, out var isOtherLost))
            Announce(change);
        else if (isOtherLost)
            _drops.Count(Stage.Control, DropReason.Superseded);
    }

    private void Announce(GpioChange? change)
    {
        if (change is not null)
            Changed?.Invoke(change, _watches.Of(change.Name));
    }

    private DateTimeOffset ToWall(Instant at, Instant now) => _time.GetUtcNow() - (now - at);

    private static TimeSpan? PulseEndsIn(GpioLine line, Instant now) => line.Pulse is { } pulse ? TimeSpan.FromTicks(Math.Max(0, (pulse.EndsAt - now).Ticks)) : null;
}
