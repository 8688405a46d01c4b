using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary>
/// A head on a serial line, told speeds in Pelco-D. The line is slow and answers nothing, so only changes are sent, one at a time, and again
/// each 500 ms while something moves; a stop goes before everything else and three times.
/// </summary>
/// <remarks>Left out: turbo speed, focus and iris, auxiliaries, the head's own presets, patterns and zones, alarms.</remarks>
internal sealed class PelcoDDriver : IPtzDriver, IPortUser
{
    /// <summary>Bytes: a zoom's speed and a motion, or a query and its answer, and the stop behind them.</summary>
    public const int LongestQueue = 3 * PelcoDFrame.Length;

    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(500);

    private readonly PelcoDOptions _options;
    private readonly PelcoDScale?[] _scales = new PelcoDScale?[3];
    private readonly IDevicePort _port;
    private readonly SerialLine _line;
    private readonly PelcoDQueries? _queries;
    private readonly Queue<byte[]> _moves = new(); // one for each axis at most
    private readonly int[] _wanted = new int[3];
    private readonly int[] _told = new int[3];

    private IPtzDriverObserver? _observer;
    private int _zoomSpeed = -1; // as told last
    private StopRepeats? _stop; // null: none is to be repeated
    private Instant _refreshAt = Instant.Never;

    public PelcoDDriver(string name, PelcoDOptions options, IReadOnlyList<AxisLimits> limits, IPortOpener opener)
    {
        _options = options;
        _line = new(options.Baud);
        foreach (var axis in limits)
            _scales[(int)axis.Axis] = new(axis, options.IsTiltUpwards);
        Traits = new(
            PtzDriverKind.Serial, ByVelocity: true, options.IsQueried,
            LagSeconds: _line.Takes(PelcoDFrame.Length).TotalSeconds * (options.IsQueried ? 3 : 1), // a query and its answer may be on the line
            AgeSeconds: _line.Takes(PelcoDFrame.Length).TotalSeconds,
            new(1.0 / PelcoDFrame.TopSpeed, 1.0 / PelcoDFrame.TopSpeed, 1.0 / PelcoDScale.ZoomSpeeds));
        if (options.IsQueried)
            _queries = new(options.Address, [.. limits.Select(axis => axis.Axis)], _line);
        var stop = PelcoDFrame.Stop(options.Address);
        _port = opener.Open(new(name, options.PortUri, [stop], [stop, stop, stop]), this);
    }

    public string Name => "pelco-d";

    public PtzDriverTraits Traits { get; }

    public bool IsReady { get; private set; }

    public DeviceFault? Fault => _port.State == PortState.Fault ? _port.Fault : _queries?.Fault;

    public void Attach(IPtzDriverObserver observer) => _observer = observer;

    public void Tick(Instant now)
    {
        if (_port.State != PortState.Open)
            return;
        if (_stop?.IsDue(now) == true)
            SendStop(_stop, now);
        if (_moves.Count > 0 && _line.IsFree(now))
            SendMove(now);
        if (_queries is not null)
            Ask(_queries, now);
    }

    public void Follow(in PtzVector demand, bool isUrgent, Instant now)
    {
        for (var axis = PtzAxis.Pan; axis <= PtzAxis.Zoom; axis++)
        {
            if (demand[axis] is { } velocity && _scales[(int)axis] is { } scale)
                _wanted[(int)axis] = scale.ToStep(velocity);
        }

        if (isUrgent)
            _moves.Clear();
        if (_wanted.AsSpan().SequenceEqual(_told))
            Repeat(now);
        else if (Array.TrueForAll(_wanted, step => step == 0))
            Stop(now);
        else if (isUrgent || _line.IsFree(now))
            Send(now);
    }

    public bool TryGoTo(in PtzVector targets, double speed, Instant now)
    {
        if (!_options.IsQueried || speed < 1) // the command has no speed
            return false;
        _moves.Clear();
        for (var axis = PtzAxis.Pan; axis <= PtzAxis.Zoom; axis++)
        {
            if (targets[axis] is { } target && _scales[(int)axis] is { } scale)
                _moves.Enqueue(PelcoDFrame.SetPosition(_options.Address, axis, scale.ToRaw(target)));
        }

        Array.Clear(_wanted);
        Array.Clear(_told);
        (_stop, _refreshAt) = (null, Instant.Never); // a stop that came later would end the move
        SendMove(now);
        return true;
    }

    public double Applied(PtzAxis axis) => _scales[(int)axis]?.ToVelocity(_told[(int)axis]) ?? 0;

    public void Stop(Instant now)
    {
        var isJustTold = _stop?.IsJustTold(now) == true && Array.TrueForAll(_told, step => step == 0) && _moves.Count == 0;
        Array.Clear(_wanted);
        Array.Clear(_told);
        _moves.Clear();
        _refreshAt = Instant.Never;
        if (isJustTold)
            return; // however often it is asked for, the line carries it so often
        _stop = new(now, isAcknowledged: true); // it never says so
        SendStop(_stop, now);
    }

    public void OnOpened(Instant now)
    {
        _zoomSpeed = -1;
        _queries?.Begin();
        Stop(now);
        if (_queries is null)
            BeReady(now);
    }

    public void OnReceived(ReadOnlySpan<byte> data, Instant now) => _queries?.Receive(data, (axis, raw) =>
    {
        if (_scales[(int)axis] is { } scale)
            _observer?.OnPosition(axis, scale.ToUnits(raw), now);
    }, now);

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        // A serial line has no replies of its own.
    }

    public void OnFault(DeviceFault fault, Instant now) => Fail(now);

    private void Ask(PelcoDQueries queries, Instant now)
    {
        if (Array.Exists(_told, step => step != 0))
            queries.Watch(now);
        queries.Ask(_port, now);
        if (queries.Fault is not null && IsReady)
            Fail(now);
        else if (queries.IsAnswered && !IsReady)
            BeReady(now);
    }

    private void BeReady(Instant now)
    {
        IsReady = true;
        Stop(now);
        _observer?.OnReady(now);
    }

    private void Fail(Instant now)
    {
        IsReady = false;
        Stop(now); // it may hear, though it does not answer
        _observer?.OnFault(now);
    }

    private void Repeat(Instant now)
    {
        if (now >= _refreshAt && _line.IsFree(now))
            Send(now);
    }

    private void Send(Instant now)
    {
        var (pan, tilt, zoom) = (_wanted[0], _wanted[1], _wanted[2]);
        if (zoom != 0 && Math.Abs(zoom) - 1 is var level && level != _zoomSpeed && _line.TryWrite(_port, PelcoDFrame.SetZoomSpeed(_options.Address, level), now))
            _zoomSpeed = level;
        if (!_line.TryWrite(_port, PelcoDFrame.Motion(_options.Address, pan, tilt, zoom), now))
            return;
        (_stop, _refreshAt) = (null, now + s_refresh); // a repeated stop would end this motion
        _wanted.CopyTo(_told, 0);
        _moves.Clear();
    }

    private void SendStop(StopRepeats stop, Instant now)
    {
        if (_line.TryWrite(_port, PelcoDFrame.Stop(_options.Address), now))
            stop.Sent(now);
    }

    private void SendMove(Instant now)
    {
        if (_line.TryWrite(_port, _moves.Peek(), now))
        {
            _moves.Dequeue();
            _queries?.Watch(now);
        }
    }
}
