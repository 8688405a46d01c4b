using System.Buffers.Binary;
using System.Diagnostics;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>Buses, chips and channels, held by the real guard process.</summary>
[Collection(nameof(Alone))]
public sealed class PortTests(ITestOutputHelper output)
{
    [Fact]
    public async Task I2c_writes_and_reads_by_transactions()
    {
        using var bus = new FakeBus(isI2c: true, (asked, read) => asked[0] == 0x40 ? [0, .. Enumerable.Range(1, read).Select(i => (byte)i)] : [1]);
        using var guard = new RawGuard();
        guard.Open(1, $"i2c:unix:{bus.Path}?address=0x40", [[0, 0x20]], [[0xFD, 0x10]]);
        guard.Open(2, $"i2c:unix:{bus.Path}?address=0x41", [[0]], []);
        await guard.UntilAsync(GuardMessageKind.Opened, port: 1);
        await guard.UntilAsync(GuardMessageKind.Fault, port: 2);

        guard.Write(1, [6, 1, 2], tag: 1);
        guard.Write(1, [0], tag: 2, read: 3);
        Assert.Null((await guard.ReplyAsync(1)).Fault);
        Assert.Equal([1, 2, 3], (await guard.ReplyAsync(2)).Data);
        var fault = guard.Messages.First(entry => entry.Message.Kind == GuardMessageKind.Fault).Message.Fault!;
        Assert.Equal($"{bus.Path}: nothing answers at address 0x41", fault.What);

        guard.StopBeating();
        await AssertSafeAsync(bus, [0x40, 0xFD, 0x10], guard.LastBeat);
    }

    [Fact]
    public async Task A_bus_that_hangs_holds_up_no_other_and_is_safe_once_it_answers()
    {
        var isHanging = false;
        using var hanging = new FakeBus(isI2c: true, (_, _) => Volatile.Read(ref isHanging) ? null : [0]);
        using var bus = new FakeBus(isI2c: true, (_, _) => [0]);
        using var guard = new RawGuard();
        guard.Open(1, $"i2c:unix:{hanging.Path}?address=0x40", [], [[0xFD, 0x10]]);
        guard.Open(2, $"i2c:unix:{bus.Path}?address=0x40", [], [[0xFD, 0x10]]);
        await guard.UntilAsync(GuardMessageKind.Opened, times: 2);
        Volatile.Write(ref isHanging, true);
        guard.StopBeating();
        guard.Write(1, [1, 2], tag: 1);

        await AssertSafeAsync(bus, [0x40, 0xFD, 0x10], guard.LastBeat);
        Assert.Contains("has not answered for 100 ms", (await guard.ReplyAsync(1)).Fault!.What, StringComparison.Ordinal);
        var before = hanging.Asked.Count;
        Volatile.Write(ref isHanging, false);
        await Wait.UntilAsync(() => hanging.Asked.Skip(before).Any(entry => entry.Data is [0x40, 0xFD, 0x10]), "safe once it answers");
    }

    [Fact]
    public async Task Gpio_lines_are_taken_set_read_and_watched()
    {
        using var chip = new FakeBus(isI2c: false, (asked, _) => asked switch
        {
            [1, 9, ..] => [129, 2],
            [3, ..] => [131, 0, 1],
            [var code, ..] => [(byte)(code + 128), 0],
            _ => null,
        });
        using var guard = new RawGuard();
        var lamp = new GpioLineRequest(2, GpioDirection.Output, GpioPull.None, IsActiveLow: true, Value: true, TimeSpan.Zero);
        var bell = new GpioLineRequest(4, GpioDirection.Input, GpioPull.Up, IsActiveLow: false, Value: false, TimeSpan.FromMilliseconds(5));
        guard.Open(1, $"gpio:unix:{chip.Path}", [GpioCommand.Request(lamp), GpioCommand.Request(bell)], [GpioCommand.Set(2, false)]);
        await guard.UntilAsync(GuardMessageKind.Opened);
        Assert.Equal([1, 2, 1, 0, 1, 1, 0, 0, 0, 0, 7, .. "edgecam"u8], chip.Asked.First().Data);

        guard.Write(1, GpioCommand.Set(2, false), tag: 1);
        guard.Write(1, GpioCommand.Get(4), tag: 2);
        guard.Write(1, GpioCommand.Request(bell with { Offset = 9 }), tag: 3);
        var edge = new byte[13];
        (edge[0], edge[2], edge[3], edge[4]) = (11, 140, 4, 1);
        BinaryPrimitives.WriteInt64LittleEndian(edge.AsSpan(5), 123_456_789_012);
        Assert.Null((await guard.ReplyAsync(1)).Fault);
        Assert.Equal([1], (await guard.ReplyAsync(2)).Data);
        Assert.Equal($"{chip.Path}: line 9 is in use", (await guard.ReplyAsync(3)).Fault!.What);
        chip.Send(edge);
        await guard.UntilAsync(GuardMessageKind.Received);
        Assert.Equal(GpioCommand.Edge(4, true, 123_456_789_012), guard.Messages.First(entry => entry.Message.Kind == GuardMessageKind.Received).Message.Data);
        Assert.Equal(0, guard.Count(GuardMessageKind.Fault)); // one line that is busy is no fault of the chip

        guard.StopBeating();
        await AssertSafeAsync(chip, [1, 2, 1, 0, 1, 0, 0, 0, 0, 0, 7, .. "edgecam"u8], guard.LastBeat);
    }

    [Fact]
    public async Task A_line_that_is_busy_at_the_start_holds_up_no_other()
    {
        using var chip = new FakeBus(isI2c: false, (asked, _) => asked is [1, 9, ..] ? [129, 2] : [(byte)(asked[0] + 128), 0]);
        using var guard = new RawGuard();
        GpioLineRequest Output(ushort offset) => new(offset, GpioDirection.Output, GpioPull.None, IsActiveLow: false, Value: false, TimeSpan.Zero);
        guard.Open(1, $"gpio:unix:{chip.Path}", [GpioCommand.Request(Output(9)), GpioCommand.Request(Output(2))], []);
        await guard.UntilAsync(GuardMessageKind.Opened);

        Assert.Equal([9, 2], chip.Asked.Select(asked => asked.Data[1]));
        Assert.Equal(0, guard.Count(GuardMessageKind.Fault));
    }

    [Fact]
    public async Task A_chip_that_is_lost_is_a_fault_and_is_taken_again()
    {
        using var chip = new FakeBus(isI2c: false, (asked, _) => [(byte)(asked[0] + 128), 0]);
        using var guard = new RawGuard();
        guard.Open(1, $"gpio:unix:{chip.Path}", [], []);
        await guard.UntilAsync(GuardMessageKind.Opened);
        chip.Drop();
        await guard.UntilAsync(GuardMessageKind.Fault);
        await guard.UntilAsync(GuardMessageKind.Opened, times: 2);
    }

    [Fact]
    public async Task Pwm_channels_are_exported_and_written_in_an_order_that_the_kernel_takes()
    {
        var chip = Directory.CreateTempSubdirectory("edgecam-pwmchip").FullName;
        await File.WriteAllTextAsync(Path.Combine(chip, "export"), "");
        await File.WriteAllTextAsync(Path.Combine(chip, "npwm"), "2\n");
        using var guard = new RawGuard();
        guard.Open(1, $"pwm:{chip}?channel=1", [new PwmCommand(20_000_000, 1_500_000, true).ToBytes()], [new PwmCommand(20_000_000, 0, false).ToBytes()]);
        guard.Open(2, $"pwm:{chip}?channel=2", [], []);
        await Wait.UntilAsync(() => File.ReadAllText(Path.Combine(chip, "export")) == "1", "the export");
        Assert.Equal(0, guard.Count(GuardMessageKind.Opened));
        var channel = Directory.CreateDirectory(Path.Combine(chip, "pwm1")).FullName; // as the kernel does then
        foreach (var name in new[] { "period", "duty_cycle", "enable" })
            await File.WriteAllTextAsync(Path.Combine(channel, name), "0\n");

        await guard.UntilAsync(GuardMessageKind.Opened);
        Assert.Equal(("20000000", "1500000", "1"), Values(channel));
        guard.Write(1, new PwmCommand(1_000_000, 250_000, true).ToBytes(), tag: 1);
        Assert.Null((await guard.ReplyAsync(1)).Fault);
        Assert.Equal(("1000000", "250000", "1"), Values(channel));
        var fault = guard.Messages.First(entry => entry.Message.Kind == GuardMessageKind.Fault).Message;
        Assert.Equal((2, $"{chip} has no channel 2"), (fault.Port, fault.Fault!.What));

        guard.StopBeating();
        await Wait.UntilAsync(() => File.ReadAllText(Path.Combine(channel, "enable")).StartsWith('0'), "safe");
        var delay = Stopwatch.GetElapsedTime(guard.LastBeat);
        output.WriteLine($"safe after {delay.TotalMilliseconds:0} ms");
        Assert.True(delay <= TimeSpan.FromMilliseconds(500), $"{delay}");
        Directory.Delete(chip, recursive: true);
    }

    [Fact]
    public void An_input_that_bounces_is_told_once_it_is_still()
    {
        var time = new ManualTime();
        var told = new List<(bool, long)>();
        using var input = new GpioDebouncer(TimeSpan.FromMilliseconds(10), value: false, time, (value, at) => told.Add((value, at)));
        for (var i = 1; i <= 7; i++)
        {
            input.Change(i % 2 == 1, i);
            time.Advance(TimeSpan.FromMilliseconds(2));
        }

        Assert.Empty(told);
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal([(true, 7L)], told);
        input.Change(false, 20);
        input.Change(true, 21);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Single(told);
    }

    private static (string Period, string Pulse, string Enabled) Values(string channel) =>
        (Read(channel, "period"), Read(channel, "duty_cycle"), Read(channel, "enable"));

    /// <summary>A file keeps what was longer before; the kernel's does not.</summary>
    private static string Read(string channel, string name) => File.ReadAllText(Path.Combine(channel, name)).Trim();

    private async Task AssertSafeAsync(FakeBus bus, byte[] safe, long since)
    {
        (long At, byte[] Data) found = default;
        await Wait.UntilAsync(() => (found = bus.Asked.LastOrDefault(entry => entry.Data.SequenceEqual(safe))).Data is not null, "the safe bytes");
        var delay = Stopwatch.GetElapsedTime(since, found.At);
        output.WriteLine($"safe after {delay.TotalMilliseconds:0} ms");
        Assert.True(delay <= TimeSpan.FromMilliseconds(500), $"safe after {delay.TotalMilliseconds:0} ms");
    }
}
