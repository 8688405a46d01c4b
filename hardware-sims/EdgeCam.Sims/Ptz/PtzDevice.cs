using System.Text.Json;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Ptz;

/// <summary>A head on a serial line: bytes come in, bytes go out, the head moves, and the view follows it.</summary>
internal sealed class PtzDevice : ISimulatedDevice
{
    private const long Frame = 5 * MonotonicClock.Millisecond; // how often a moving head writes the view

    private static readonly Dictionary<string, PtzFaults> s_faults = new()
    {
        ["noreply"] = PtzFaults.NoReply, ["stuck-pan"] = PtzFaults.StuckPan, ["stuck-tilt"] = PtzFaults.StuckTilt, ["garbage"] = PtzFaults.Garbage,
    };

    private readonly Head _head;
    private readonly FrameSplitter _splitter;
    private readonly PelcoDReceiver _pelcoD;
    private readonly ViscaCamera _visca;
    private readonly Action<ReadOnlyMemory<byte>> _send;
    private readonly HeadView _view;
    private readonly WireProtocol _protocol;
    private readonly bool _generalReply;
    private readonly Random _noise = new(1);
    private PtzFaults _faults;
    private bool _hasPower = true;
    private byte[] _lastCommand = [];
    private int _commands;
    private int _refused;
    private int _replies;

    /// <param name="send">Puts bytes on the line; must not block.</param>
    /// <param name="generalReply">Confirm each Pelco-D command with four bytes, as some models do.</param>
    public PtzDevice(
        Head head, WireProtocol protocol, byte address, Action<ReadOnlyMemory<byte>> send, ViewFile? view, bool generalReply = false, bool tiltUpwards = false)
    {
        (_head, _protocol, _send, _view, _generalReply) = (head, protocol, send, new(head, view), generalReply);
        _splitter = new(protocol);
        _pelcoD = new(head, address, tiltUpwards);
        _visca = new(head, (byte)(address & 7));
    }

    public EventLog Log { get; } = new();

    public long Advance(long now)
    {
        _head.Advance(now);
        foreach (var completion in _visca.Completions())
            Reply(completion, now);
        _view.Update();
        return _head.IsMoving || _head.IsTravelling ? now + Frame : long.MaxValue;
    }

    public void Receive(ReadOnlySpan<byte> bytes, long now)
    {
        if (!_hasPower)
            return;
        _splitter.Append(bytes, now);
        while (_splitter.TryRead(out var frame, out var spoken))
        {
            _lastCommand = frame;
            _commands++;
            Log.Add(now, $"received {Convert.ToHexString(frame)}");
            if (spoken == WireProtocol.Visca)
                HandleVisca(frame, now);
            else
                HandlePelcoD(frame, now);
        }
    }

    public void WriteState(Utf8JsonWriter json)
    {
        _head.WriteState(json);
        json.WriteString("lastCommand", Convert.ToHexString(_lastCommand));
        json.WriteNumber("commands", _commands);
        json.WriteNumber("refused", _refused);
        json.WriteNumber("badChecksums", _splitter.BadChecksums);
        json.WriteNumber("ignoredBytes", _splitter.Ignored);
        json.WriteNumber("replies", _replies);
        json.WriteBoolean("power", _hasPower);
        json.WriteStartArray("faults");
        foreach (var (name, fault) in s_faults)
        {
            if (_faults.HasFlag(fault))
                json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    public string? Command(ReadOnlySpan<string> words, long now)
    {
        if (words is ["power", "on" or "off"])
        {
            SetPower(words[1] == "on", now);
            return null;
        }

        if (words is ["fault", "off"])
            _faults = PtzFaults.None;
        else if (words is ["fault", var name] && s_faults.TryGetValue(name, out var fault))
            _faults |= fault;
        else
            return "state, log, fault noreply|stuck-pan|stuck-tilt|garbage|off, power on|off";
        _head.Pan.Stuck = _faults.HasFlag(PtzFaults.StuckPan);
        _head.Tilt.Stuck = _faults.HasFlag(PtzFaults.StuckTilt);
        Log.Add(now, $"fault {_faults}");
        return null;
    }

    /// <summary>Without power nothing is heard and nothing moves; a camera that gets it says so in VISCA.</summary>
    private void SetPower(bool isOn, long now)
    {
        Log.Add(now, isOn ? "power on" : "power off");
        if (isOn == _hasPower)
            return;
        _hasPower = isOn;
        _head.Stop();
        var greeting = _visca.Restart();
        if (isOn && _protocol.HasFlag(WireProtocol.Visca))
            Reply(greeting, now);
    }

    private void HandlePelcoD(byte[] frame, long now)
    {
        if (!_pelcoD.TryHandle(frame, out var answer))
            _refused++;
        else if (answer.Length > 0)
            Reply(answer, now);
        else if (_generalReply)
            Reply(_pelcoD.GeneralReply(frame), now);
    }

    private void HandleVisca(byte[] frame, long now)
    {
        foreach (var answer in _visca.Handle(frame))
        {
            if (ViscaCamera.IsError(answer))
                _refused++;
            Reply(answer, now);
        }
    }

    private void Reply(byte[] bytes, long now)
    {
        if (_faults.HasFlag(PtzFaults.NoReply))
            return;
        if (_faults.HasFlag(PtzFaults.Garbage))
            _noise.NextBytes(bytes = new byte[bytes.Length]);
        _replies++;
        Log.Add(now, $"sent {Convert.ToHexString(bytes)}");
        _send(bytes);
    }
}
