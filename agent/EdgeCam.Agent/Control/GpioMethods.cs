using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>gpio</c>. What switches something is answered once the hardware has done it.</summary>
internal sealed class GpioMethods(GpioBank bank, DeviceLoop loop, TimeProvider time)
{
    private const double LongestName = 32;
    private const double LongestPulse = 60_000;

    /// <summary>The bank gives each reply a second; this is for a loop that does not even come to it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    private static readonly ControlParameter s_line = new("line", ParameterKind.Text, "The line's name.", IsRequired: true, 1, LongestName);

    public IEnumerable<ControlMethod> All =>
    [
        new("gpio.list", AccessScope.View, "Lists the lines and PWM outputs with what is known of them.", [], ListAsync),
        new("gpio.read", AccessScope.View, "Reads a line.", [s_line], ReadAsync),
        new("gpio.write", AccessScope.Gpio, "Switches an output; it ends a pulse, too.", [s_line, new("value", ParameterKind.Flag, "True: on, whatever that is electrically.", IsRequired: true)],
            call => SwitchAsync(call, (name, now, done) => bank.Write(name, call.Arguments.Flag("value")!.Value, now, done))),
        new("gpio.toggle", AccessScope.Gpio, "Switches an output to the other value.", [s_line], call => SwitchAsync(call, bank.Toggle)),
        new("gpio.pulse", AccessScope.Gpio, "Switches an output for a time, which the device measures, and then to the other value.",
            [
                s_line,
                new("milliseconds", ParameterKind.Integer, "How long.", IsRequired: true, 1, LongestPulse, "ms"),
                new("value", ParameterKind.Flag, "The value meanwhile; true where it is left out."),
            ],
            call => SwitchAsync(call, (name, now, done) => bank.Pulse(name, call.Arguments.Milliseconds("milliseconds")!.Value, call.Arguments.Flag("value") ?? true, now, done))),
        new("gpio.pwm", AccessScope.Gpio, "Sets the duty of a PWM output.",
            [new("name", ParameterKind.Text, "The output's name.", IsRequired: true, 1, LongestName), new("duty", ParameterKind.Number, "The share of each period that it is on.", IsRequired: true, 0, 1)],
            DimAsync),
        new("gpio.watch", AccessScope.View, "Tells the caller by gpio.changed what changes; it replaces what was watched before. The result is as of gpio.list.",
            [new("lines", ParameterKind.TextList, "Names of lines and PWM outputs; all where it is left out.")], WatchAsync),
        new("gpio.unwatch", AccessScope.View, "Ends what gpio.watch began.", [], UnwatchAsync),
    ];

    private async ValueTask<ControlError?> ListAsync(ControlCall call)
    {
        var (error, states) = await AskAsync(now => (bank.Lines(now), bank.Outputs()));
        if (error is null)
            GpioJson.WriteList(call.Result, states.Item1, states.Item2, call.Caller.Access);
        return error;
    }

    private async ValueTask<ControlError?> ReadAsync(ControlCall call)
    {
        var name = call.Arguments.Text("line")!;
        if (bank.FindLine(name) is null)
            return ControlError.NotFound($"line {name}");
        var (error, outcome) = await AskAsync((now, done) => bank.Read(name, now, done));
        if (error is not null)
            return error;
        (error, var states) = await AskAsync(now => bank.Lines(now, [name]));
        if (error is not null)
            return error;
        call.Result.WriteStartObject();
        call.Result.WriteBoolean("value", outcome!.Value!.Value);
        GpioJson.WriteTime(call.Result, "changedAt", states![0].ChangedAt);
        call.Result.WriteEndObject();
        return null;
    }

    private async ValueTask<ControlError?> SwitchAsync(ControlCall call, Action<string, Instant, Action<GpioOutcome>> begin)
    {
        var name = call.Arguments.Text("line")!;
        if (bank.FindLine(name) is not { } line)
            return ControlError.NotFound($"line {name}");
        if (FindMissingScope(call, line.Scope) is { } forbidden)
            return forbidden;
        var (error, outcome) = await AskAsync((now, done) => begin(name, now, done));
        if (error is not null)
            return error;
        call.Result.WriteStartObject();
        call.Result.WriteBoolean("value", outcome!.Value!.Value);
        call.Result.WriteEndObject();
        return null;
    }

    private async ValueTask<ControlError?> DimAsync(ControlCall call)
    {
        var name = call.Arguments.Text("name")!;
        if (bank.FindPwm(name) is not { } output)
            return ControlError.NotFound($"PWM output {name}");
        if (FindMissingScope(call, output.Scope) is { } forbidden)
            return forbidden;
        var (error, outcome) = await AskAsync((now, done) => bank.Dim(name, call.Arguments.Number("duty")!.Value, now, done));
        if (error is not null)
            return error;
        call.Result.WriteStartObject();
        call.Result.WriteNumber("duty", outcome!.Duty!.Value);
        call.Result.WriteEndObject();
        return null;
    }

    private async ValueTask<ControlError?> WatchAsync(ControlCall call)
    {
        if (call.Caller.Origin == CallerOrigin.Mqtt)
            return ControlError.BadParameters("only a viewer's data channel carries gpio.changed; over MQTT subscribe to event/gpio");
        var names = call.Arguments.Texts("lines");
        if (names?.FirstOrDefault(name => bank.FindLine(name) is null && bank.FindPwm(name) is null) is { } unknown)
            return ControlError.NotFound($"line {unknown}");
        var (error, states) = await AskAsync(now =>
        {
            bank.Watch(call.Caller.Id, names);
            return (bank.Lines(now, names), bank.Outputs(names));
        });
        if (error is null)
            GpioJson.WriteList(call.Result, states.Item1, states.Item2, call.Caller.Access);
        return error;
    }

    private async ValueTask<ControlError?> UnwatchAsync(ControlCall call)
    {
        var (error, _) = await AskAsync(_ =>
        {
            bank.Unwatch(call.Caller.Id);
            return true;
        });
        if (error is not null)
            return error;
        call.Result.WriteStartObject();
        call.Result.WriteEndObject();
        return null;
    }

    /// <summary>A line may ask for more than the method does.</summary>
    private static ControlError? FindMissingScope(ControlCall call, string scope) =>
        GpioJson.ScopeOf(scope) is var needed && call.Caller.Access.Allows(needed) ? null : ControlError.Forbidden(needed);

    private async ValueTask<(ControlError? Error, T? Result)> AskAsync<T>(Func<Instant, T> question)
    {
        var isGivenUp = false;
        try
        {
            // Whoever was told that it did not happen can rely on it.
            return (null, await loop.InvokeAsync(now => Volatile.Read(ref isGivenUp) ? throw new TimeoutException() : question(now)).AsTask().WaitAsync(s_patience, time));
        }
        catch (DeviceLoopBusyException busy)
        {
            return (ControlError.TooMany with { Message = busy.Message }, default);
        }
        catch (TimeoutException)
        {
            Volatile.Write(ref isGivenUp, true);
            return (ControlError.Unavailable("the devices do not answer", "Look at the device's log"), default);
        }
    }

    /// <summary>Waits for the hardware, too.</summary>
    private async ValueTask<(ControlError? Error, GpioOutcome? Outcome)> AskAsync(Action<Instant, Action<GpioOutcome>> begin)
    {
        var reply = new TaskCompletionSource<GpioOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (error, _) = await AskAsync(now =>
        {
            begin(now, outcome => reply.TrySetResult(outcome));
            return true;
        });
        if (error is not null)
            return (error, null);
        try
        {
            var outcome = await reply.Task.WaitAsync(s_patience, time);
            return (outcome.Refusal is { } refusal ? ToError(refusal) : null, outcome);
        }
        catch (TimeoutException)
        {
            return (ControlError.Unavailable("the devices do not answer", "Look at the device's log"), null);
        }
    }

    private static ControlError ToError(GpioRefusal refusal) => refusal.Kind switch
    {
        GpioRefusalKind.Unavailable => ControlError.Unavailable(refusal.What, refusal.Remedy),
        GpioRefusalKind.Interlocked => ControlError.Interlocked(refusal.What) with { Remedy = refusal.Remedy },
        GpioRefusalKind.TooMany => ControlError.TooMany with
        {
            Message = $"Too many requests: {refusal.What}", Remedy = refusal.Remedy, ExpiresIn = (long?)refusal.After?.TotalMilliseconds,
        },
        _ => ControlError.BadParameters(refusal.What) with { Remedy = refusal.Remedy },
    };
}
