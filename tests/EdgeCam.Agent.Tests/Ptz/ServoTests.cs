using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Devices.Ptz.Servo;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>Register values as the data sheet has them (NXP PCA9685, revision 4: 7.3.1 MODE1, 7.3.3 outputs, 7.3.5 equation 1; oscillator 25 MHz).</summary>
public class ServoTests
{
    private readonly PcaChip _chip = new();

    [Fact]
    public void Fifty_hertz_and_a_middle_pulse_are_those_of_the_data_sheet()
    {
        Assert.Equal(0x79, Pca9685.PreScaleFor(50));
        Assert.Equal(0x1E, Pca9685.PreScaleFor(200)); // the example of equation 2
        Assert.Equal(307, Pca9685.ToCounts(1500, 0x79));
        Assert.Equal("0A00003301", Convert.ToHexString(Pca9685.SetOutput(1, 307)));
    }

    [Fact]
    public void A_chip_fresh_from_power_is_set_up_and_moves_nothing_until_told()
    {
        var rig = Pca();
        rig.Run(100);
        Assert.Equal("i2c:/dev/i2c-1?address=0x40", rig.Port.Plan.Uri);
        Assert.Empty(rig.Port.Plan.Start);
        Assert.Empty(rig.Port.Plan.Safe);
        var writes = rig.Port.Hex.Where(hex => hex.Length > 2).ToList();
        Assert.Equal(["0910", "0D10", "0030", "FE79", "0020", "00A0"], writes); // off, as they are already
        Assert.True(rig.Status.IsReady);
        Assert.Null(rig.Status.Axes[0].Position);
        rig.Run(200);
        Assert.Null(_chip.Pulse(0));
        rig.Drive(0.5);
        rig.Run(20);
        Assert.InRange(_chip.Pulse(0)!.Value, 1490, 1515); // from the middle, where it is taken to be
    }

    [Fact]
    public void A_chip_that_runs_is_left_running_and_says_where_the_servos_are()
    {
        _chip.Registers[0] = 0x21;
        _chip.Registers[0xFE] = 0x79;
        Pca9685.SetOutput(0, 256).AsSpan(1).CopyTo(_chip.Registers.AsSpan(6));
        var rig = Pca();
        rig.Run(100);
        Assert.DoesNotContain(rig.Port.Hex, hex => hex.Length > 2);
        Assert.Equal(-0.5, rig.Position(PtzAxis.Pan), 2); // 1250 microseconds
        rig.Run(100);
        Assert.DoesNotContain(rig.Port.Hex, hex => hex.Length > 2);
    }

    [Theory]
    [InlineData(0x21)]
    [InlineData(0x01)] // without auto-increment
    public void A_chip_that_runs_at_another_frequency_gives_no_pulse_until_told(byte mode)
    {
        _chip.Registers[0] = mode;
        _chip.Registers[0xFE] = 0x1E;
        Pca9685.SetOutput(0, 1228).AsSpan(1).CopyTo(_chip.Registers.AsSpan(6)); // 1500 microseconds at 200 Hz, 6000 at 50
        var rig = Pca();
        rig.RunUntil(() => rig.Port.Hex.Contains("FE79"), 200);
        Assert.InRange(rig.Port.Hex.ToList().IndexOf("0910"), 0, rig.Port.Hex.ToList().IndexOf("0030") - 1);
        rig.Run(100);
        Assert.True(rig.Status.IsReady);
        Assert.Null(_chip.Pulse(0));
        Assert.Null(rig.Status.Axes[0].Position);
        rig.Drive(0.5);
        rig.Run(20);
        Assert.InRange(_chip.Pulse(0)!.Value, 1490, 1515);
    }

    [Theory]
    [InlineData(-1, 1000)]
    [InlineData(0, 1500)]
    [InlineData(1, 2000)]
    [InlineData(0.5, 1750)]
    public void Pulses_are_right_within_one_per_cent(double position, double pulse)
    {
        var rig = Pca();
        rig.Run(100);
        GoTo(rig, position);
        Assert.InRange(_chip.Pulse(0)!.Value, pulse * 0.99, pulse * 1.01);
    }

    [Fact]
    public void Ends_trim_and_direction_are_those_configured()
    {
        var rig = Pca(new(Invert: true, Channel: 5, MinPulse: 600, MaxPulse: 2400, Trim: 50));
        rig.Run(100);
        GoTo(rig, 1);
        Assert.InRange(_chip.Pulse(5)!.Value, 650 * 0.99, 650 * 1.01);
        GoTo(rig, -1);
        Assert.InRange(_chip.Pulse(5)!.Value, 2450 * 0.99, 2450 * 1.01);
    }

    [Fact]
    public void Pulses_change_no_faster_than_the_servo_may_move()
    {
        var rig = Pca();
        rig.Run(100);
        GoTo(rig, -1);
        rig.Head.AbsoluteMove(PtzRig.Remote with { Id = PtzRig.Ann.Id }, new(Pan: 1), 1, null, rig.Now);
        var before = _chip.Pulse(0)!.Value;
        rig.Run(4000, () =>
        {
            var pulse = _chip.Pulse(0)!.Value;
            Assert.InRange(pulse - before, -1, (60 * 0.02 / 180 * 1000) + 5); // top speed, and a count
            before = pulse;
        });
        Assert.InRange(before, 1980, 2020);
    }

    [Fact]
    public void A_chip_that_keeps_nothing_is_a_fault_and_is_tried_again()
    {
        _chip.IsBroken = true;
        var rig = Pca();
        rig.Run(500);
        Assert.Contains("does not keep its settings", rig.Status.Fault?.What, StringComparison.Ordinal);
        Assert.Equal(PtzRefusalKind.Unavailable, rig.Drive(1)?.Kind);
        _chip.IsBroken = false;
        rig.Run(1500);
        Assert.Null(rig.Status.Fault);
        Assert.True(rig.Status.IsReady);
    }

    [Fact]
    public void A_chip_that_was_without_power_is_set_up_again_and_holds_where_it_was()
    {
        var rig = Pca();
        rig.Run(100);
        GoTo(rig, 0.5);
        _chip.Reset();
        rig.Run(5000);
        Assert.True(rig.Status.IsReady);
        Assert.InRange(_chip.Pulse(0)!.Value, 1750 * 0.99, 1750 * 1.01);
    }

    [Fact]
    public void A_bus_that_fails_is_named()
    {
        var rig = Pca();
        rig.Run(100);
        _chip.Fault = new("/dev/i2c-1 does not acknowledge", "Check the wiring");
        rig.Run(2500);
        Assert.Equal("/dev/i2c-1 does not acknowledge", rig.Status.Fault?.What);
        _chip.Fault = null;
        rig.Run(1500);
        Assert.Null(rig.Status.Fault);
    }

    [Fact]
    public void The_kernel_s_channels_have_a_port_each_and_pulses_in_nanoseconds()
    {
        var rig = new PtzRig(new("cam0", "pwm:/sys/class/pwm/pwmchip0", Pan: new(Channel: 2), Zoom: new(Enabled: false)));
        Assert.Equal(["pwm:/sys/class/pwm/pwmchip0?channel=2", "pwm:/sys/class/pwm/pwmchip0?channel=1"], rig.Ports.Select(port => port.Plan.Uri));
        Assert.All(rig.Ports, port => Assert.Empty(port.Plan.Start.Concat(port.Plan.Safe)));
        rig.Ports[0].Open();
        rig.Run(100);
        Assert.False(rig.Status.IsReady);
        rig.Ports[1].Open();
        rig.Run(100);
        Assert.Empty(rig.Ports[0].Written);
        GoTo(rig, 1);
        Assert.True(PwmCommand.TryParse(rig.Ports[0].Written[^1].Data, out var command));
        Assert.Equal(new(20_000_000, 2_000_000, true), command);
        Assert.Empty(rig.Ports[1].Written);

        rig.Ports[1].Fail(new("pwmchip0 is gone", "Load the overlay"));
        rig.Run(20);
        Assert.Equal("pwmchip0 is gone", rig.Status.Fault?.What);
        rig.Ports[1].Open();
        rig.Run(40);
        Assert.True(rig.Status.IsReady);
    }

    private PtzRig Pca(PtzAxisOptions? pan = null)
    {
        var rig = new PtzRig(new("cam0", "pca9685:/dev/i2c-1?address=0x40", Pan: pan, Zoom: new(Enabled: false)));
        rig.Port.Answer = data =>
        {
            if (data.Length > 1)
                _chip.Write(data);
            return null;
        };
        rig.Port.Transact = _chip.Read;
        rig.Port.Open();
        return rig;
    }

    private static void GoTo(PtzRig rig, double pan)
    {
        Assert.Null(rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: pan), 1, null, rig.Now));
        rig.RunUntil(() =>
        {
            rig.Head.Hear(PtzRig.Ann, rig.Now);
            return !rig.Status.IsMoving;
        });
        rig.Run(20);
    }

    private sealed class PcaChip
    {
        public PcaChip() => Reset();

        public byte[] Registers { get; } = new byte[256];

        public bool IsBroken { get; set; }

        public DeviceFault? Fault { get; set; }

        public void Reset()
        {
            Array.Clear(Registers);
            (Registers[0], Registers[0xFE]) = (0x11, 0x1E);
            for (var i = 0; i < 16; i++)
                Registers[9 + (4 * i)] = 0x10;
        }

        public void Write(byte[] data)
        {
            if (IsBroken || (data[0] == 0xFE && (Registers[0] & 0x10) == 0))
                return;
            for (var i = 1; i < data.Length; i++)
                Registers[data[0] + i - 1] = data[i];
            Registers[0] &= 0x7F; // RESTART clears itself
        }

        public (DeviceFault?, byte[]) Read(byte[] data, int count) => Fault is not null ? (Fault, []) : (null, Registers[data[0]..(data[0] + count)]);

        public double? Pulse(int channel) => Pca9685.ReadOutput(Registers.AsSpan(6 + (4 * channel), 4)) is { } counts ? Pca9685.ToPulse(counts, Registers[0xFE]) : null;
    }
}
