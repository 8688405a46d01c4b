using System.Text.Json;

namespace EdgeCam.Sims.I2c;

/// <summary>
/// NXP's PCA9685 at register level: sixteen PWM outputs of twelve bits on an oscillator of 25 MHz. Time is brought to it, for the half
/// millisecond that the oscillator takes to start.
/// </summary>
/// <remarks>
/// Left out: the external clock (its bit is kept and has no effect), the output enable pin with OUTNE, OUTDRV, and OCH's two moments of update:
/// what is written counts at once, the next pulse being at most one period away.
/// </remarks>
internal sealed class Pca9685(byte address)
{
    public const int Channels = 16;

    private const double Oscillator = 25e6;
    private const int Steps = 4096;
    private const long StartUp = 500_000; // nanoseconds
    private const byte LeastPrescale = 3;
    private const byte GeneralCall = 0;
    private const byte SoftwareReset = 0x06;
    private const byte FullBit = 0x10; // of LEDn_ON_H and LEDn_OFF_H

    private readonly byte[] _registers = PowerOn();
    private byte _control; // which register is next
    private long _awakeSince;
    private bool _held; // asleep with pulses running: outputs wait for RESTART or a write

    private enum Register : byte
    {
        Mode1 = 0x00,
        Mode2 = 0x01,
        SubAddress1 = 0x02,
        AllCallAddress = 0x05,
        FirstLed = 0x06,
        LastLed = 0x45,
        AllLedOnLow = 0xFA,
        AllLedOffHigh = 0xFD,
        Prescale = 0xFE,
    }

    [Flags]
    private enum Mode1 : byte
    {
        AllCall = 0x01,
        Sub3 = 0x02,
        Sub2 = 0x04,
        Sub1 = 0x08,
        Sleep = 0x10,
        AutoIncrement = 0x20,
        ExternalClock = 0x40,
        Restart = 0x80,
    }

    public ReadOnlySpan<byte> Registers => _registers;

    /// <summary>RESTART written less than half a millisecond after waking up: without effect here.</summary>
    public int EarlyRestarts { get; private set; }

    /// <summary>PRE_SCALE written while awake: without effect.</summary>
    public int BlockedPrescales { get; private set; }

    public double PeriodMicroseconds => (_registers[(int)Register.Prescale] + 1) * Steps / Oscillator * 1e6;

    private Mode1 Mode => (Mode1)_registers[(int)Register.Mode1];

    /// <summary>Whether it acknowledges an address: its own, and for writing those that it shares with others.</summary>
    public bool Answers(byte called, bool reading)
    {
        if (called == address)
            return true;
        if (reading)
            return false;
        return called == GeneralCall
            || (Mode.HasFlag(Mode1.AllCall) && called == _registers[(int)Register.AllCallAddress] >> 1)
            || (Mode.HasFlag(Mode1.Sub1) && called == _registers[(int)Register.SubAddress1] >> 1)
            || (Mode.HasFlag(Mode1.Sub2) && called == _registers[(int)Register.SubAddress1 + 1] >> 1)
            || (Mode.HasFlag(Mode1.Sub3) && called == _registers[(int)Register.SubAddress1 + 2] >> 1);
    }

    /// <summary>The first byte chooses the register, the others go there and, with auto-increment, onwards.</summary>
    public void Write(byte called, ReadOnlySpan<byte> bytes, long now)
    {
        if (called == GeneralCall)
        {
            if (bytes is [SoftwareReset])
                Reset();
            return;
        }

        if (bytes.IsEmpty)
            return;
        _control = bytes[0];
        foreach (var value in bytes[1..])
        {
            Store(_control, value, now);
            Next();
        }
    }

    public void Read(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            // the ALL_LED registers can only be written
            value = _control is >= (byte)Register.AllLedOnLow and <= (byte)Register.AllLedOffHigh ? (byte)0 : _registers[_control];
            Next();
        }
    }

    /// <summary>How long a channel's output is high in each period; 0 while the oscillator stands.</summary>
    public double PulseMicroseconds(int channel)
    {
        if (Mode.HasFlag(Mode1.Sleep) || _held)
            return 0;
        var led = _registers.AsSpan((int)Register.FirstLed + (channel * 4), 4);
        var steps = (((led[3] << 8) | led[2]) - ((led[1] << 8) | led[0])) & (Steps - 1);
        if ((led[3] & FullBit) != 0)
            steps = 0; // full off wins over full on
        else if ((led[1] & FullBit) != 0)
            steps = Steps;
        if ((_registers[(int)Register.Mode2] & 0x10) != 0) // INVRT
            steps = Steps - steps;
        return steps * PeriodMicroseconds / Steps;
    }

    public void WriteState(Utf8JsonWriter json)
    {
        json.WriteNumber("address", address);
        json.WriteString("registers", Convert.ToHexString(_registers.AsSpan(0, (int)Register.LastLed + 1)));
        json.WriteNumber("mode1", _registers[(int)Register.Mode1]);
        json.WriteNumber("mode2", _registers[(int)Register.Mode2]);
        json.WriteNumber("prescale", _registers[(int)Register.Prescale]);
        json.WriteNumber("frequency", Math.Round(1e6 / PeriodMicroseconds, 3));
        json.WriteStartArray("pulses");
        for (var channel = 0; channel < Channels; channel++)
            json.WriteNumberValue(Math.Round(PulseMicroseconds(channel), 2));
        json.WriteEndArray();
        json.WriteNumber("earlyRestarts", EarlyRestarts);
        json.WriteNumber("blockedPrescales", BlockedPrescales);
    }

    private static byte[] PowerOn()
    {
        var registers = new byte[256];
        registers[(int)Register.Mode1] = (byte)(Mode1.Sleep | Mode1.AllCall);
        registers[(int)Register.Mode2] = 0x04;
        (registers[2], registers[3], registers[4], registers[5]) = (0xE2, 0xE4, 0xE8, 0xE0);
        for (var channel = 0; channel < Channels; channel++)
            registers[(int)Register.FirstLed + (channel * 4) + 3] = FullBit;
        registers[(int)Register.Prescale] = 0x1E;
        return registers;
    }

    private void Reset()
    {
        PowerOn().CopyTo(_registers, 0);
        (_control, _held) = (0, false);
    }

    private void Next()
    {
        if (Mode.HasFlag(Mode1.AutoIncrement))
            _control = _control is (byte)Register.LastLed or byte.MaxValue ? (byte)0 : (byte)(_control + 1);
    }

    private void Store(byte register, byte value, long now)
    {
        switch (register)
        {
            case (byte)Register.Mode1:
                StoreMode1((Mode1)value, now);
                break;
            case (byte)Register.Mode2:
                _registers[register] = (byte)(value & 0x1F);
                break;
            case >= (byte)Register.SubAddress1 and <= (byte)Register.AllCallAddress:
                _registers[register] = (byte)(value & 0xFE);
                break;
            case >= (byte)Register.FirstLed and <= (byte)Register.LastLed:
                StoreLed(register, value);
                break;
            case >= (byte)Register.AllLedOnLow and <= (byte)Register.AllLedOffHigh:
                for (var led = (int)Register.FirstLed + register - (int)Register.AllLedOnLow; led <= (int)Register.LastLed; led += 4)
                    StoreLed((byte)led, value);
                break;
            case (byte)Register.Prescale when Mode.HasFlag(Mode1.Sleep):
                _registers[register] = Math.Max(value, LeastPrescale);
                break;
            case (byte)Register.Prescale:
                BlockedPrescales++;
                break;
            default:
                break; // reserved
        }
    }

    private void StoreLed(byte register, byte value)
    {
        var isHigh = ((register - (int)Register.FirstLed) & 1) != 0;
        _registers[register] = isHigh ? (byte)(value & 0x1F) : value;
        if (Mode.HasFlag(Mode1.Sleep))
            return;
        _held = false; // a write to a PWM register is the other way to go on
        _registers[(int)Register.Mode1] &= (byte)~Mode1.Restart & 0xFF;
    }

    private void StoreMode1(Mode1 value, long now)
    {
        var (before, restart) = (Mode, Mode & Mode1.Restart);
        if (value.HasFlag(Mode1.Sleep) && !before.HasFlag(Mode1.Sleep) && IsRunning())
            (restart, _held) = (Mode1.Restart, true);
        if (!value.HasFlag(Mode1.Sleep) && before.HasFlag(Mode1.Sleep))
            _awakeSince = now;
        else if (value.HasFlag(Mode1.Restart) && !value.HasFlag(Mode1.Sleep) && restart != 0)
            restart = Restart(now);

        // EXTCLK can be set but only cleared by a reset; writing 0 to RESTART does nothing
        var kept = restart | (before & Mode1.ExternalClock);
        _registers[(int)Register.Mode1] = (byte)((value & ~Mode1.Restart) | kept);
    }

    private Mode1 Restart(long now)
    {
        if (now - _awakeSince < StartUp)
        {
            EarlyRestarts++;
            return Mode1.Restart;
        }

        _held = false;
        return 0;
    }

    /// <summary>An orderly shutdown switches all channels fully off first; then there is nothing to restart.</summary>
    private bool IsRunning()
    {
        for (var channel = 0; channel < Channels; channel++)
        {
            if ((_registers[(int)Register.FirstLed + (channel * 4) + 3] & FullBit) == 0)
                return true;
        }

        return false;
    }
}
