using EdgeCam.Sims.I2c;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedPca9685Tests
{
    private const byte Address = 0x40;
    private const long Later = 1_000_000; // nanoseconds

    private readonly Pca9685 _chip = new(Address);

    [Fact]
    public void It_wakes_with_the_data_sheets_values()
    {
        Assert.Equal([0x11, 0x04, 0xE2, 0xE4, 0xE8, 0xE0, 0x00, 0x00, 0x00, 0x10], Read(0x00, 10, increment: true));
        Assert.Equal([0x1E], Read(0xFE, 1));
        Assert.Equal(0, _chip.PulseMicroseconds(0));
    }

    [Fact]
    public void A_servo_pulse_comes_from_prescaler_and_counts()
    {
        WakeAt50Hertz();
        Write(0x06, 0x00, 0x00, 0x33, 0x01); // on at 0, off at 307
        Assert.Equal(307 * 122 / 25.0, _chip.PulseMicroseconds(0), 6);
        Assert.Equal(122 * 4096 / 25.0, _chip.PeriodMicroseconds, 6);
        Write(0x0A, 0x00, 0x0F, 0x00, 0x01); // across the end of the period: on at 3840, off at 256
        Assert.Equal(512 * 122 / 25.0, _chip.PulseMicroseconds(1), 6);
        Write(0x0A, 0x00, 0x10, 0x00, 0x00);
        Assert.Equal(_chip.PeriodMicroseconds, _chip.PulseMicroseconds(1), 6); // full on
        Write(0x0A, 0x00, 0x10, 0x00, 0x10);
        Assert.Equal(0, _chip.PulseMicroseconds(1)); // full off wins
    }

    [Fact]
    public void The_prescaler_can_only_be_set_while_asleep()
    {
        Write(0xFE, 1);
        Assert.Equal([3], Read(0xFE, 1)); // the least that the hardware takes
        WakeAt50Hertz();
        Write(0xFE, 50);
        Assert.Equal([121], Read(0xFE, 1));
        Assert.Equal(1, _chip.BlockedPrescales);
    }

    [Fact]
    public void Without_auto_increment_the_register_stays_and_with_it_the_last_led_leads_to_the_first_register()
    {
        Write(0x06, 1, 2, 3);
        Assert.Equal([3, 3], Read(0x06, 2));
        Assert.Equal([0x00], Read(0x07, 1));
        Write(0x00, 0x31);
        Write(0x44, 0xAA, 0x05, 0x31, 0x04);
        Assert.Equal([0xAA, 0x05, 0x31, 0x04], Read(0x44, 4));
    }

    [Fact]
    public void All_channels_are_written_at_once()
    {
        WakeAt50Hertz();
        Write(0xFA, 0, 0, 0x00, 0x02);
        Assert.All(Enumerable.Range(0, 16), channel => Assert.Equal(512 * 122 / 25.0, _chip.PulseMicroseconds(channel), 6));
        Assert.Equal([0], Read(0xFD, 1)); // these cannot be read back
    }

    [Fact]
    public void After_sleeping_the_pulses_wait_for_restart()
    {
        WakeAt50Hertz();
        Write(0x06, 0, 0, 0, 2);
        Write(0x00, 0x31);
        Assert.Equal([0xB1], Read(0x00, 1)); // RESTART tells that pulses were cut off
        Assert.Equal(0, _chip.PulseMicroseconds(0));
        Write(0x00, 0x21);
        Assert.Equal(0, _chip.PulseMicroseconds(0));
        Write(0x00, 0xA1);
        Assert.Equal((1, 0.0), (_chip.EarlyRestarts, _chip.PulseMicroseconds(0))); // the oscillator is not up yet
        _now += Later;
        Write(0x00, 0xA1);
        Assert.Equal([0x21], Read(0x00, 1));
        Assert.True(_chip.PulseMicroseconds(0) > 0);
    }

    [Fact]
    public void A_software_reset_and_the_call_to_all_are_heard()
    {
        WakeAt50Hertz();
        Assert.True(_chip.Answers(0x70, reading: false));
        Assert.False(_chip.Answers(0x70, reading: true));
        Assert.False(_chip.Answers(0x41, reading: false));
        _chip.Write(0x00, [0x06], _now);
        Assert.Equal([0x11], Read(0x00, 1));
        Assert.Equal([0x1E], Read(0xFE, 1));
    }

    [Fact]
    public void Servos_follow_their_pulses_at_their_own_speed()
    {
        var head = new Head(new(300, 6000, (-90, 90), (-30, 90), (1, 10)));
        var device = new I2cDevice(_chip, head, new(), view: null);
        device.Advance(_now);
        WakeAt50Hertz();
        device.Transfer(Address, [0x06, 0, 0, 0x33, 0x01], [], _now); // 1498 us: the middle
        device.Advance(_now += 1000 * Later);
        Assert.Equal(0, head.Pan.Position, 0.5);
        device.Transfer(Address, [0x06, 0, 0, 0x9A, 0x01], [], _now); // 2000 us
        device.Advance(_now += 200 * Later);
        Assert.InRange(head.Pan.Position, 40, 60);
        device.Advance(_now += 1000 * Later);
        Assert.Equal(90, head.Pan.Position, 0.5);
        device.Transfer(Address, [0x06, 0, 0, 0, 0x10], [], _now); // no pulses: it stays
        device.Advance(_now += 1000 * Later);
        Assert.Equal(90, head.Pan.Position, 0.5);
    }

    [Fact]
    public void Faults_keep_the_bus_from_answering()
    {
        var device = new I2cDevice(_chip, new(HeadOptions.Default), new(), view: null);
        Assert.Equal(I2cDevice.NotAcknowledged, device.Transfer(0x41, [0], [], _now));
        Assert.Null(device.Command(["fault", "nack"], _now));
        Assert.Equal(I2cDevice.NotAcknowledged, device.Transfer(Address, [0], [], _now));
        Assert.Null(device.Command(["fault", "bus"], _now));
        Assert.Equal(I2cDevice.BusError, device.Transfer(Address, [0], [], _now));
        Assert.Null(device.Command(["fault", "off"], _now));
        Assert.Equal(I2cDevice.Done, device.Transfer(Address, [0], [], _now));
    }

    private long _now = 1_000_000_000;

    private void WakeAt50Hertz()
    {
        Write(0xFE, 121);
        Write(0x00, 0x21);
        _now += Later;
    }

    private void Write(byte register, params byte[] values) => _chip.Write(Address, [register, .. values], _now);

    private byte[] Read(byte register, int length, bool increment = false)
    {
        if (increment)
            Write(0x00, 0x31);
        _chip.Write(Address, [register], _now);
        var bytes = new byte[length];
        _chip.Read(bytes);
        if (increment)
            bytes[0] &= 0xDF; // as it was before
        return bytes;
    }
}
