using System.Text.Json;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.I2c;

/// <summary>A bus with one PCA9685 on it, whose channels turn the servos of a head.</summary>
internal sealed class I2cDevice(Pca9685 chip, Head head, ServoWiring wiring, ViewFile? view) : ISimulatedDevice
{
    public const byte Done = 0;
    public const byte NotAcknowledged = 1;
    public const byte BusError = 2;

    private const long Frame = 5 * MonotonicClock.Millisecond;

    private readonly HeadView _view = new(head, view);
    private readonly double[] _pulses = new double[Pca9685.Channels];
    private long _transactions;
    private long _unacknowledged;
    private byte _fault;

    public EventLog Log { get; } = new();

    public long Advance(long now)
    {
        head.Advance(now);
        _view.Update();
        return head.IsMoving || head.IsTravelling ? now + Frame : long.MaxValue;
    }

    /// <summary>A write, a read, or a write and a read with a repeated start between.</summary>
    public byte Transfer(byte address, ReadOnlySpan<byte> write, Span<byte> read, long now)
    {
        _transactions++;
        var status = _fault;
        if (status == Done && !chip.Answers(address, reading: !read.IsEmpty))
            status = NotAcknowledged;
        if (status == Done)
        {
            chip.Write(address, write, now);
            chip.Read(read);
            Turn(now);
        }
        else
        {
            _unacknowledged++;
        }

        Log.Add(now, $"address 0x{address:X2} write {Convert.ToHexString(write)} read {Convert.ToHexString(read)} status {status}");
        return status;
    }

    public void WriteState(Utf8JsonWriter json)
    {
        chip.WriteState(json);
        json.WriteNumber("transactions", _transactions);
        json.WriteNumber("failed", _unacknowledged);
        json.WriteString("fault", _fault switch { NotAcknowledged => "nack", BusError => "bus", _ => "off" });
        json.WriteStartObject("head");
        head.WriteState(json);
        json.WriteEndObject();
    }

    public string? Command(ReadOnlySpan<string> words, long now)
    {
        byte? fault = words switch
        {
            ["fault", "nack"] => NotAcknowledged,
            ["fault", "bus"] => BusError,
            ["fault", "off"] => Done,
            _ => null,
        };
        if (fault is null)
            return "state, log, fault nack|bus|off";
        _fault = fault.Value;
        Log.Add(now, $"fault {words[1]}");
        return null;
    }

    /// <summary>Servos follow the pulses that changed; one that gets none stays where it is.</summary>
    private void Turn(long now)
    {
        for (var channel = 0; channel < Pca9685.Channels; channel++)
        {
            var pulse = chip.PulseMicroseconds(channel);
            if (pulse == _pulses[channel])
                continue;
            _pulses[channel] = pulse;
            Log.Add(now, FormattableString.Invariant($"channel {channel} {pulse:0.0} us"));
            var servo = channel == wiring.Pan ? head.Pan : channel == wiring.Tilt ? head.Tilt : channel == wiring.Zoom ? head.Zoom : null;
            if (servo is null)
                continue;
            if (pulse <= 0)
                servo.Stop();
            else
                servo.GoTo(servo.Min + ((servo.Max - servo.Min) * wiring.Share(pulse)), servo == head.Zoom ? head.ZoomTopSpeed : head.Options.Speed);
        }
    }
}
