using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>
/// One chip's port: what its lines are told, what they answer, and which of them are out of order. A fault of one line is that line's alone:
/// it is requested anew, with back-off, and safe.
/// </summary>
/// <param name="mayGoOn">Whether no interlock stands against a line's being on.</param>
/// <param name="changed">A line has news: its value, since when the hardware says, whether it had another before, and why.</param>
internal sealed class GpioChip(PortPlan plan, IReadOnlyList<GpioLine> lines, Func<GpioLine, bool> mayGoOn, GpioChip.ChangeHandler changed) : IPortUser
{
    private const int MaxUnderWay = 64; // values of one line that are not confirmed yet
    private const int MaxUnderWayInAll = 192; // the guard's own queue for a port is a little longer
    private static readonly TimeSpan s_replyTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ushort, GpioLine> _byOffset = lines.ToDictionary(line => line.Offset);
    private readonly Dictionary<int, GpioOperation> _underWay = [];
    private IDevicePort? _port;
    private bool _isOpen;
    private bool _hasBeenOpen;
    private int _lastTag;
    private Instant _checkedAt;

    internal delegate void ChangeHandler(GpioLine line, bool isEdge, GpioCause? cause, Instant at, Instant now);

    public IReadOnlyList<GpioLine> Lines => lines;

    private DeviceFault NotOpen => _port?.Fault ?? new($"{plan.Uri} {(_isOpen ? "takes nothing just now" : "is being opened")}", "Try again in a moment");

    public void Open(IPortOpener opener) => _port = opener.Open(plan, this);

    /// <summary>What stands in the way of using a line.</summary>
    public DeviceFault? FaultOf(GpioLine line) => line.Fault ?? (line.Value is null ? NotOpen : null);

    /// <summary>Whether no more can be asked of a line. Bound: 64 under way, 192 of its chip; policy: the newest is refused.</summary>
    public bool IsFull(GpioLine line) => line.UnderWay >= MaxUnderWay || _underWay.Count >= MaxUnderWayInAll;

    /// <returns>False where it could not be sent; then <paramref name="done"/> has been told.</returns>
    public bool TrySet(GpioLine line, bool value, GpioCause cause, Instant now, Action<GpioOutcome>? done = null)
    {
        if (FaultOf(line) is { } fault)
        {
            done?.Invoke(GpioOutcome.Refused(fault));
            return false;
        }

        return TrySend(GpioCommand.Set(line.Offset, value), new(line, GpioOperationKind.Set, value, cause, now, done));
    }

    public void Get(GpioLine line, Instant now, Action<GpioOutcome> done)
    {
        if (FaultOf(line) is { } fault)
            done(GpioOutcome.Refused(fault));
        else if (_underWay.Count >= MaxUnderWayInAll)
            done(new(new(GpioRefusalKind.TooMany, $"{plan.Uri} has too much to do", "Send fewer")));
        else
            TrySend(GpioCommand.Get(line.Offset), new(line, GpioOperationKind.Get, Value: false, GpioCause.Input, now, done));
    }

    public void Tick(Instant now)
    {
        while (_underWay.Count > 0 && _underWay.Values.MinBy(operation => operation.Since) is { } oldest && now - oldest.Since >= s_replyTimeout)
            Fail(oldest.Line, new($"{oldest.Line.Name}: {plan.Uri} does not answer", "Look at the device's log"), now, isRetried: true);
        if (!_isOpen)
            return;
        foreach (var line in lines)
        {
            if (line.RetryAt > now)
                continue;
            line.RetryAt = Instant.Never;
            Request(line, now);
        }

        if (now - _checkedAt < s_checkInterval)
            return;
        _checkedAt = now; // the kernel's queue of edges is short: what a chattering contact pushed out of it is found here
        foreach (var line in lines.Where(line => line is { IsOutput: false, Value: not null }))
            TrySend(GpioCommand.Get(line.Offset), new(line, GpioOperationKind.Get, Value: false, GpioCause.Input, now, null));
    }

    public void OnOpened(Instant now)
    {
        FailAll(NotOpen);
        (_isOpen, _checkedAt) = (true, now);
        foreach (var line in lines)
        {
            line.Opened();
            if (line.IsOutput && !_hasBeenOpen)
                line.Goal = new(line.Options.Initial, GpioCause.Write);
            // Whether the plan's request of this line went well is not told: its value is, or is not.
            TrySend(GpioCommand.Get(line.Offset), new(line, GpioOperationKind.Get, Value: false, line.IsOutput ? GpioCause.Safe : GpioCause.Input, now, null));
        }

        _hasBeenOpen = true;
    }

    public void OnFault(DeviceFault fault, Instant now)
    {
        _isOpen = false;
        FailAll(fault);
        foreach (var line in lines)
            Fail(line, fault, now, isRetried: false);
    }

    public void OnReceived(ReadOnlySpan<byte> data, Instant now)
    {
        if (!GpioCommand.TryParseEdge(data, out var offset, out var value, out var nanoseconds) || !_byOffset.TryGetValue(offset, out var line) || line.IsOutput || line.Value is null)
            return;
        var at = Instant.Min(new(nanoseconds / 100), now);
        if (line.Value == value && at <= line.SeenAt)
            return; // a question was faster than the event
        Took(line, value, GpioCause.Input, at, now, isEvent: true);
    }

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        if (!_underWay.Remove(tag, out var operation))
            return;
        var line = operation.Line;
        if (operation.Kind == GpioOperationKind.Set)
            line.Answered(operation.Value);
        if (fault is null && operation.Kind == GpioOperationKind.Get && data is not [0 or 1])
            fault = new($"{line.Name}: {plan.Uri} answers what cannot be understood", "Look at the device's log");
        if (fault is not null)
        {
            Fail(line, fault, now, isRetried: true);
            operation.Done?.Invoke(GpioOutcome.Refused(fault));
            return;
        }

        if (operation.Kind == GpioOperationKind.Request && !line.IsOutput)
        {
            TrySend(GpioCommand.Get(line.Offset), operation with { Kind = GpioOperationKind.Get, Since = now });
            return;
        }

        var value = operation.Kind == GpioOperationKind.Get ? data[0] == 1 : operation.Value;
        Took(line, value, operation.Cause, now, now);
        operation.Done?.Invoke(new(null, value));
    }

    /// <summary>As <see cref="GpioPlans"/> does it at the start, but never against an interlock.</summary>
    private void Request(GpioLine line, Instant now)
    {
        var value = line.IsOutput && line.Options.Safe && mayGoOn(line);
        TrySend(GpioCommand.Request(GpioPlans.ToRequest(line.Options, value)), new(line, GpioOperationKind.Request, value, line.IsOutput ? GpioCause.Safe : GpioCause.Input, now, null));
    }

    /// <param name="isEvent">The chip said so by itself: it is an edge even where the one before it was lost.</param>
    private void Took(GpioLine line, bool value, GpioCause cause, Instant at, Instant now, bool isEvent = false)
    {
        var isNews = line.Value != value;
        var isEdge = line.Take(value, at) | isEvent;
        if (isNews || isEvent)
            changed(line, isEdge, cause, at, now);
    }

    private bool TrySend(byte[] bytes, GpioOperation operation)
    {
        _lastTag = _lastTag == int.MaxValue ? 1 : _lastTag + 1;
        if (_port?.TryWrite(bytes, tag: _lastTag) != true)
        {
            operation.Done?.Invoke(GpioOutcome.Refused(NotOpen));
            return false;
        }

        _underWay[_lastTag] = operation;
        if (operation.Kind == GpioOperationKind.Set)
            operation.Line.Sent(operation.Value, operation.Since);
        return true;
    }

    /// <summary>Whatever else the line was told is void with it: nobody would know in which order.</summary>
    private void Fail(GpioLine line, DeviceFault fault, Instant now, bool isRetried)
    {
        foreach (var (tag, operation) in _underWay.Where(entry => entry.Value.Line == line).ToArray())
        {
            _underWay.Remove(tag);
            operation.Done?.Invoke(GpioOutcome.Refused(fault));
        }

        if (line.Fail(fault, now, isRetried))
            changed(line, isEdge: false, cause: null, now, now);
    }

    private void FailAll(DeviceFault fault)
    {
        foreach (var operation in _underWay.Values)
            operation.Done?.Invoke(GpioOutcome.Refused(fault));
        _underWay.Clear();
    }
}
