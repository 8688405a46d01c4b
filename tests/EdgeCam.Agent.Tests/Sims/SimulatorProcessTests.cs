using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using EdgeCam.Agent.Tests.Cameras;
using EdgeCam.Sims.Camera;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>The simulated devices as they are used: processes with a terminal or a socket.</summary>
public sealed class SimulatorProcessTests
{
    [Fact]
    public async Task A_head_on_its_terminal_survives_that_the_other_side_comes_and_goes()
    {
        await using var simulator = await SimulatorProcess.StartAsync("ptz", "--link", "--protocol both");
        for (var time = 1; time <= 3; time++)
        {
            await using var line = OpenTerminal(simulator.Wire);
            await line.WriteAsync(Convert.FromHexString(SimulatedHeadRig.PelcoD("00510000")));
            Assert.Equal("FF010059", Convert.ToHexString(await SimulatorProcess.ReadAsync(buffer => line.ReadAsync(buffer).AsTask(), 7))[..8]);
            await line.WriteAsync(Convert.FromHexString("81090612FF"));
            Assert.Equal(11, (await SimulatorProcess.ReadAsync(buffer => line.ReadAsync(buffer).AsTask(), 11)).Length);
        }

        await using (var line = OpenTerminal(simulator.Wire))
            await line.WriteAsync(Convert.FromHexString(SimulatedHeadRig.PelcoD("00023F00")));
        var state = await simulator.WaitForAsync(state => state.GetProperty("pan").GetDouble() > 5); // it turns on when nobody stops it
        Assert.Equal(7, state.GetProperty("commands").GetInt32());
        using (var view = ViewFile.Open(simulator.View))
            Assert.True(view.Read().Pan > 4);

        Assert.Equal(0, await simulator.TerminateAsync());
        Assert.False(Path.Exists(simulator.Wire));
        Assert.False(Path.Exists(simulator.At("control")));
    }

    [Fact]
    public async Task A_bus_answers_its_transactions()
    {
        await using var simulator = await SimulatorProcess.StartAsync("i2c", "--socket");
        using var bus = await simulator.ConnectAsync();
        Assert.Equal([0, 0x11], await Transfer(bus, 0x40, [0x00], 1));
        Assert.Equal([1], await Transfer(bus, 0x41, [0x00], 1));
        Assert.Equal([0], await Transfer(bus, 0x40, [0xFE, 121], 0));
        Assert.Equal([0], await Transfer(bus, 0x40, [0x00, 0x20], 0));
        Assert.Equal([0], await Transfer(bus, 0x40, [0x06, 0, 0, 0x9A, 0x01], 0)); // 2000 us
        var state = await simulator.WaitForAsync(state => state.GetProperty("head").GetProperty("pan").GetDouble() > 89);
        Assert.Equal(2000.8, state.GetProperty("pulses")[0].GetDouble());
        using (var view = ViewFile.Open(simulator.View))
            Assert.True(view.Read().Pan > 80);
        await simulator.AskAsync("fault bus");
        Assert.Equal([2], await Transfer(bus, 0x40, [0x00], 1));
    }

    [Fact]
    public async Task A_chip_tells_edges_and_lights_lamps()
    {
        await using var simulator = await SimulatorProcess.StartAsync("gpio", "--socket");
        using var consumer = await simulator.ConnectAsync();
        using var other = await simulator.ConnectAsync();
        Assert.Equal([129, 0], await Call(consumer, Request(2, isOutput: true, "lamps")));
        Assert.Equal([129, 2], await Call(other, Request(2, isOutput: true, "lamps")));
        Assert.Equal([129, 0], await Call(consumer, Request(5, isOutput: false, "button")));
        Assert.Equal([130, 0], await Call(consumer, [2, 2, 1]));
        using var view = ViewFile.Open(simulator.View);
        Assert.Equal((0b100u, true), (view.Read().Lamps, view.Read().HasLamps));

        var before = Stopwatch.GetTimestamp();
        await simulator.AskAsync("input 5 1");
        var edge = await Receive(consumer);
        Assert.Equal([140, 5, 1], edge[..3]);
        Assert.InRange(BinaryPrimitives.ReadInt64LittleEndian(edge.AsSpan(3)), before, Stopwatch.GetTimestamp());
        Assert.Equal([131, 0, 1], await Call(consumer, [3, 5]));

        consumer.Close();
        var state = await simulator.WaitForAsync(state => state.GetProperty("lines")[2].GetProperty("consumer").GetString() is null);
        Assert.Equal(1, state.GetProperty("lines")[2].GetProperty("raw").GetInt32());
        Assert.Equal([129, 0], await Call(other, Request(2, isOutput: true, "lamps")));
        await other.SendAsync(new byte[] { 1, 0, 99 });
        Assert.Equal(0, await other.ReceiveAsync(new byte[1]).WaitAsync(CameraRig.Patience)); // no such opcode
        Assert.Equal(0, await simulator.TerminateAsync());
    }

    [Fact]
    public async Task A_camera_looks_where_the_head_points()
    {
        await using var simulator = await SimulatorProcess.StartAsync("ptz", "--link", "--speed 500 --acceleration 5000");
        var straight = await Frame(simulator.View);
        await using (var line = OpenTerminal(simulator.Wire))
            await line.WriteAsync(Convert.FromHexString(SimulatedHeadRig.PelcoD("004B2328"))); // 90 degrees
        await simulator.WaitForAsync(state => state.GetProperty("pan").GetDouble() == 90);
        var right = await Frame(simulator.View);
        Assert.True(FrameCode.TryRead(right, 640, 360, out _));
        var changed = Enumerable.Range(0, 640 * 240).Count(i => Math.Abs(straight[(640 * 60) + i] - right[(640 * 60) + i]) > 8);
        Assert.True(changed > 640 * 240 / 4, $"{changed} pixels changed");
    }

    [Theory]
    [InlineData("ptz", "option '--link' is required")]
    [InlineData("ptz --link /tmp/x --protocol morse", "no such protocol morse")]
    [InlineData("ptz --link /tmp/x --pan 10:-10", "'10:-10' is not a range for '--pan'")]
    [InlineData("i2c --socket /nowhere/at/all/socket", "edgecam-sims i2c: ")]
    [InlineData("gpio --socket /tmp/edgecam-no-such-chip --lines 0", "'0' is not a value for '--lines'")]
    [InlineData("gpio --sockets /tmp/x", "unknown option '--sockets'")]
    public async Task A_mistake_on_the_command_line_is_told(string line, string words)
    {
        using var process = Process.Start(new ProcessStartInfo(CameraRig.Sims, line) { RedirectStandardError = true })!;
        var told = await process.StandardError.ReadToEndAsync().WaitAsync(CameraRig.Patience);
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(words, told, StringComparison.Ordinal);
    }

    private static FileStream OpenTerminal(string path) =>
        new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite), FileAccess.ReadWrite, bufferSize: 0);

    private static async Task<byte[]> Transfer(Socket bus, byte address, byte[] write, int read)
    {
        byte[] message = [address, (byte)write.Length, 0, (byte)read, 0, .. write];
        await bus.SendAsync(message);
        var status = await SimulatorProcess.ReadAsync(buffer => bus.ReceiveAsync(buffer).AsTask(), 1);
        return status[0] == 0 ? [.. status, .. await SimulatorProcess.ReadAsync(buffer => bus.ReceiveAsync(buffer).AsTask(), read)] : status;
    }

    private static byte[] Request(byte offset, bool isOutput, string consumer) =>
        [1, offset, (byte)(isOutput ? 1 : 0), 0, 0, 0, 0, 0, 0, 0, (byte)consumer.Length, .. Encoding.UTF8.GetBytes(consumer)];

    private static async Task<byte[]> Call(Socket socket, byte[] body)
    {
        byte[] message = [(byte)body.Length, 0, .. body];
        await socket.SendAsync(message);
        return await Receive(socket);
    }

    private static async Task<byte[]> Receive(Socket socket)
    {
        var length = await SimulatorProcess.ReadAsync(buffer => socket.ReceiveAsync(buffer).AsTask(), 2);
        return await SimulatorProcess.ReadAsync(buffer => socket.ReceiveAsync(buffer).AsTask(), BinaryPrimitives.ReadUInt16LittleEndian(length));
    }

    private static async Task<byte[]> Frame(string view)
    {
        var arguments = $"camera --view {view} --codec yuv420 --width 640 --height 360 --frames 1 --unpaced -t 0 -o - --verbose=0";
        using var camera = Process.Start(new ProcessStartInfo(CameraRig.Sims, arguments) { RedirectStandardOutput = true })!;
        using var bytes = new MemoryStream();
        await camera.StandardOutput.BaseStream.CopyToAsync(bytes).WaitAsync(CameraRig.Patience);
        await camera.WaitForExitAsync();
        Assert.Equal(640 * 360 * 3 / 2, bytes.Length);
        return bytes.ToArray();
    }
}
