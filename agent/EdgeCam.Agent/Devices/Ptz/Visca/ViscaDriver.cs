using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>
/// A camera on a serial line, told speeds in VISCA. It acknowledges commands, says when they are done and names its refusals; a stop goes
/// before everything else, with whatever is under way cancelled, and is repeated until it is acknowledged.
/// </summary>
/// <remarks>Left out: VISCA over IP, focus and everything else of the picture, the head's own presets and limits.</remarks>
internal sealed class ViscaDriver : IPtzDriver, IPortUser
{
    /// <summary>Bytes: an inquiry and its answer, moves of pan and tilt and of zoom, and the stops behind them.</summary>
    public const int LongestQueue = 5 + 11 + 15 + 9 + 9 + 6;

    private const int PanTilt = 0;
    private const int Zoom = 1;
    private static readonly TimeSpan s_acknowledged = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_network = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_cancelled = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_greetAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_bufferFull = TimeSpan.FromMilliseconds(60);

    private readonly ViscaOptions _options;
    private readonly ViscaScale?[] _scales = new ViscaScale?[3];
    private readonly double?[] _positions = new double?[3]; // as the head told
    private readonly IDevicePort _port;
    private readonly SerialLine _line;
    private readonly ViscaReplies _replies = new();
    private readonly ViscaSockets _sockets = new();
    private readonly ViscaInquiries _inquiries;
    private readonly Queue<byte[]> _moves = new(); // pan and tilt, and zoom: two at most
    private readonly int[] _wanted = new int[3];
    private readonly int[] _told = new int[3];
    private readonly bool[] _isInDoubt = new bool[2]; // of pan and tilt, and of zoom: whether the head took what it was told
    private readonly StopRepeats?[] _stops = new StopRepeats?[2]; // likewise; null: they have been told something else since

    private IPtzDriverObserver? _observer;
    private Queue<byte[]>? _greetings = new(); // null: it has been greeted
    private Instant _waitUntil;
    private bool _isAllStopped; // nothing has been told since the last stop of everything
    private DeviceFault? _notStopped;
    private Instant? _cancelledAt; // moves are giving way
    private Instant _greetAgainAt = Instant.Never;

    public ViscaDriver(string name, ViscaOptions options, IReadOnlyList<AxisLimits> limits, IPortOpener opener)
    {
        _options = options;
        _line = new(options.Baud);
        foreach (var axis in limits)
            _scales[(int)axis.Axis] = new(axis, options.Step, options.TiltSpeeds);
        var message = _line.Takes(11).TotalSeconds;
        Traits = new(
            PtzDriverKind.Serial, ByVelocity: true, options.IsQueried, LagSeconds: 2 * message, AgeSeconds: message,
            new(1.0 / ViscaPacket.PanSpeeds, 1.0 / options.TiltSpeeds, 1.0 / ViscaPacket.ZoomSpeeds));
        _inquiries = new(options, limits, _line);
        byte[][] safe = [ViscaPacket.Cancel(options.Address, 1), ViscaPacket.Cancel(options.Address, 2), .. Stops];
        _port = opener.Open(new(name, options.PortUri, Stops, [.. safe, .. safe, .. safe]), this);
    }

    public string Name => "visca";

    public PtzDriverTraits Traits { get; }

    public bool IsReady { get; private set; }

    public DeviceFault? Fault => _port.State == PortState.Fault ? _port.Fault : _inquiries.Fault ?? _notStopped;

    private byte[][] Stops => HasZoom
        ? [ViscaPacket.PanTiltDrive(_options.Address, 0, 0), ViscaPacket.ZoomDrive(_options.Address, 0)]
        : [ViscaPacket.PanTiltDrive(_options.Address, 0, 0)];

    private bool HasZoom => _scales[(int)PtzAxis.Zoom] is not null;

    public void Attach(IPtzDriverObserver observer) => _observer = observer;

    public void Tick(Instant now)
    {
        if (_port.State != PortState.Open)
            return;
        RepeatStops(now);
        if (_greetings is not null)
        {
            Greet(_greetings, now);
            return;
        }

        if (_sockets.Expire(s_acknowledged + _line.Takes(32), now))
        {
            _inquiries.CountSilence();
            Doubt(); // it is told again
        }

        SendMoves(now);
        if (Array.Exists(_told, step => step != 0) || _sockets.Busy.Any())
            _inquiries.Watch(now);
        _inquiries.Ask(_port, now);
        if (IsReady && Array.FindIndex(_stops, stop => stop?.IsInVain(now) == true) is var motor and >= 0)
        {
            _notStopped = new(
                $"the head does not take a stop of {(motor == PanTilt ? "pan and tilt" : "zoom")}",
                "See whether it moves, and switch it off if so; check its cable and baud rate, and set enabled to false for what it lacks");
        }

        if (IsReady && Fault is not null)
        {
            Fail(now);
        }
        else if (!IsReady && _inquiries.IsAnswered && _notStopped is null)
        {
            BeReady(now);
        }
        else if (now >= _greetAgainAt)
        {
            Stop(now);
            BeginGreeting(now); // a camera that was without power has lost its address
        }
    }

    public void Follow(in PtzVector demand, bool isUrgent, Instant now)
    {
        for (var axis = PtzAxis.Pan; axis <= PtzAxis.Zoom; axis++)
        {
            if (demand[axis] is { } velocity && _scales[(int)axis] is { } scale)
                _wanted[(int)axis] = scale.ToStep(velocity);
        }

        if (_wanted.AsSpan().SequenceEqual(_told) && !Array.Exists(_isInDoubt, one => one))
            return;
        if (Array.TrueForAll(_wanted, step => step == 0))
            Stop(now);
        else if (isUrgent || (_line.IsFree(now) && now >= _waitUntil))
            Send(isUrgent, now);
    }

    public bool TryGoTo(in PtzVector targets, double speed, Instant now)
    {
        if (!_options.IsQueried)
            return false;
        _moves.Clear();
        if ((targets.Pan ?? targets.Tilt) is not null)
        {
            var (pan, tilt) = (Raw(PtzAxis.Pan, targets.Pan), Raw(PtzAxis.Tilt, targets.Tilt));
            _moves.Enqueue(ViscaPacket.PanTiltAbsolute(
                _options.Address, _scales[0]?.ToSpeed(speed) ?? 1, _scales[1]?.ToSpeed(speed) ?? 1, (short)pan, (short)tilt));
        }

        if (targets.Zoom is { } zoom)
            _moves.Enqueue(ViscaPacket.ZoomDirect(_options.Address, Raw(PtzAxis.Zoom, zoom)));
        Array.Clear(_wanted);
        Array.Clear(_told);
        if ((targets.Pan ?? targets.Tilt) is not null)
            Supersede(PanTilt);
        if (targets.Zoom is not null)
            Supersede(Zoom);
        SendMoves(now);
        return true;
    }

    public double Applied(PtzAxis axis) => _scales[(int)axis]?.ToVelocity(_told[(int)axis]) ?? 0;

    public void Stop(Instant now)
    {
        var isJustTold = _isAllStopped && _stops[PanTilt]?.IsJustTold(now) == true;
        Array.Clear(_wanted);
        Array.Clear(_told);
        Array.Clear(_isInDoubt);
        _moves.Clear();
        if (isJustTold)
            return; // however often it is asked for, the line carries it so often
        _isAllStopped = true;
        _stops[PanTilt] = new(now, isAcknowledged: false);
        _stops[Zoom] = HasZoom ? new(now, isAcknowledged: false) : null;
        RepeatStops(now, isFirst: true);
    }

    public void OnOpened(Instant now)
    {
        _replies.Clear();
        _sockets.Clear();
        Array.Clear(_positions);
        Stop(now);
        BeginGreeting(now);
    }

    public void OnReceived(ReadOnlySpan<byte> data, Instant now) => _replies.Append(data, packet => Handle(packet, now));

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        // A serial line has no replies of its own.
    }

    public void OnFault(DeviceFault fault, Instant now) => Fail(now);

    private void Handle(ReadOnlySpan<byte> packet, Instant now)
    {
        switch (ViscaReplies.Read(packet, _options.Address, out var socket, out var error))
        {
            case ViscaReply.Network:
                _waitUntil = now; // the next greeting
                break;
            case ViscaReply.PowerOn:
                if (IsReady)
                    Fail(now); // whatever it was doing, it does no more
                BeginGreeting(now);
                break;
            case ViscaReply.Acknowledged:
                _inquiries.Hear();
                if (_sockets.Acknowledge(socket, now, out var stop))
                    Acknowledged(stop, now);
                break;
            case ViscaReply.Completed:
                _sockets.Free(socket);
                break;
            case ViscaReply.Answer:
                _inquiries.Receive(packet, (axis, raw) => Take(axis, raw, now), now);
                break;
            case ViscaReply.Error:
                HandleError(socket, error, now);
                break;
            default:
                break;
        }
    }

    private void Acknowledged(StopRepeats? stop, Instant now)
    {
        if (stop is null)
        {
            _observer?.OnObeyed(now);
            return;
        }

        stop.Acknowledge();
        if (Array.TrueForAll(_stops, one => one?.IsAcknowledged != false))
            _notStopped = null;
    }

    private void Take(PtzAxis axis, ushort raw, Instant now)
    {
        if (_scales[(int)axis] is not { } scale)
            return;
        _positions[(int)axis] = scale.ToUnits(raw);
        _observer?.OnPosition(axis, scale.ToUnits(raw), now);
    }

    private void HandleError(int socket, byte error, Instant now)
    {
        _sockets.Free(socket);
        if (error is ViscaError.Cancelled or ViscaError.NoSocket)
        {
            _cancelledAt = null;
            return;
        }

        _inquiries.Hear();
        if (!_sockets.TryTake(out var stop))
        {
            _inquiries.Refuse(error);
        }
        else if (stop is not null)
        {
            // It is told again until it is acknowledged.
        }
        else if (error == ViscaError.BufferFull)
        {
            Doubt(); // it is told again, a little later
            _waitUntil = now + s_bufferFull;
        }
        else
        {
            _observer?.OnRefused(ViscaError.Describe(error), now);
        }
    }

    private void BeginGreeting(Instant now)
    {
        _inquiries.Begin();
        _greetings = new([ViscaPacket.AddressSet, ViscaPacket.InterfaceClear]);
        (_waitUntil, _greetAgainAt) = (now, now + s_greetAgain);
    }

    /// <summary>Each is answered, or given up after a while: a head on a line of its own may know nothing of addresses.</summary>
    private void Greet(Queue<byte[]> greetings, Instant now)
    {
        if (now < _waitUntil || Array.Exists(_stops, stop => stop?.IsInBurst == true) || !_line.IsFree(now))
            return;
        if (!greetings.TryDequeue(out var packet))
        {
            _sockets.Clear();
            _greetings = null;
        }
        else if (_line.TryWrite(_port, packet, now))
        {
            _waitUntil = now + s_network;
        }
    }

    private void BeReady(Instant now)
    {
        (IsReady, _greetAgainAt) = (true, Instant.Never);
        Stop(now);
        _observer?.OnReady(now);
    }

    private void Fail(Instant now)
    {
        (IsReady, _greetAgainAt) = (false, now + s_greetAgain);
        Stop(now); // it may hear, though it does not answer
        _observer?.OnFault(now);
    }

    private void Send(bool isUrgent, Instant now)
    {
        var (pan, tilt, zoom) = (_wanted[0], _wanted[1], _wanted[2]);
        if ((_isInDoubt[PanTilt] || (pan, tilt) != (_told[0], _told[1])) && MaySend(isUrgent, now) && Tell(PanTilt, ViscaPacket.PanTiltDrive(_options.Address, pan, tilt), (pan, tilt) == (0, 0), now))
            (_told[0], _told[1]) = (pan, tilt);
        if ((_isInDoubt[Zoom] || zoom != _told[2]) && MaySend(isUrgent, now) && Tell(Zoom, ViscaPacket.ZoomDrive(_options.Address, zoom), zoom == 0, now))
            _told[2] = zoom;
    }

    /// <returns>False where the port takes nothing.</returns>
    private bool Tell(int motor, byte[] packet, bool isStop, Instant now)
    {
        if (!_line.TryWrite(_port, packet, now))
            return false;
        Supersede(motor);
        if (isStop)
            (_stops[motor] = new(now, isAcknowledged: false)).Sent(now);
        _sockets.Send(_stops[motor], now);
        return true;
    }

    /// <summary>A repeated stop would end what it is told now.</summary>
    private void Supersede(int motor) => (_stops[motor], _isInDoubt[motor], _isAllStopped) = (null, false, false);

    /// <summary>It may move as it did before it was told the last speeds: even a stop is news to it then.</summary>
    private void Doubt()
    {
        _isInDoubt[PanTilt] |= (_told[0], _told[1]) != (0, 0);
        _isInDoubt[Zoom] |= _told[2] != 0;
    }

    /// <summary>Where moves fill both sockets, they give way.</summary>
    private bool MaySend(bool isUrgent, Instant now)
    {
        if (isUrgent || _sockets.IsFree)
            return true;
        if (!_sockets.Busy.Any())
            return false; // acknowledgements are on their way
        if (_cancelledAt is null)
            Cancel(_sockets.Busy, now);
        if (_cancelledAt is null || now - _cancelledAt < s_cancelled)
            return false;
        _sockets.Clear(); // whatever became of the answers
        _cancelledAt = null;
        return true;
    }

    private void Cancel(IEnumerable<int> sockets, Instant now)
    {
        foreach (var socket in sockets)
        {
            if (_line.TryWrite(_port, ViscaPacket.Cancel(_options.Address, socket), now))
                _cancelledAt = now;
        }
    }

    private void SendMoves(Instant now)
    {
        while (_moves.TryPeek(out var move) && now >= _waitUntil && MaySend(isUrgent: false, now))
        {
            if (!_line.TryWrite(_port, move, now))
                return;
            _moves.Dequeue();
            _sockets.Send(stop: null, now);
            _inquiries.Watch(now);
        }
    }

    /// <param name="isFirst">It waits for nothing; its repetitions do not pile up on a slow line.</param>
    private void RepeatStops(Instant now, bool isFirst = false)
    {
        var isSent = false;
        var isFree = isFirst || _line.IsFree(now);
        for (var motor = PanTilt; motor <= Zoom && isFree; motor++)
        {
            if (_stops[motor] is not { } stop || !stop.IsDue(now) || !_line.TryWrite(_port, Stops[motor], now))
                continue;
            stop.Sent(now);
            _sockets.Send(stop, now);
            isSent = true;
        }

        // Moves may be under way that are not acknowledged yet, or that nobody here remembers.
        if (isSent && _isAllStopped && _options.IsQueried)
            Cancel(Enumerable.Range(1, ViscaPacket.Sockets), now);
    }

    private ushort Raw(PtzAxis axis, double? target) => (target ?? _positions[(int)axis]) is { } units && _scales[(int)axis] is { } scale ? scale.ToRaw(units) : (ushort)0;
}
