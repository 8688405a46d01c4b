using System.Buffers.Binary;
using System.Net.Sockets;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.I2c;

/// <summary>The verb <c>i2c</c>: a bus with a PCA9685 behind a unix stream socket.</summary>
/// <remarks>
/// A transaction is asked for with u8 address, u16 write length, u16 read length (little-endian) and the bytes to write; the answer is u8 status
/// (0 done, 1 not acknowledged, 2 bus error) and, where it is done, the bytes read.
/// </remarks>
internal static class I2cCommand
{
    private const string HelpText = """
        Usage: edgecam-sims i2c --socket PATH [OPTIONS]    an I2C bus with a PCA9685 and servos, until SIGTERM

          --socket PATH          the bus; "ready PATH" is printed once it is there
          --address 0x40         the PCA9685's own
          --view FILE            shares where the servos point with the other simulations
          --control SOCKET       answers state, log, fault nack|bus|off
          --pan-channel 0, --tilt-channel 1, --zoom-channel -1    the channel of each servo, -1 for none
          --pulse 1000:2000      microseconds at the two ends
          --pan -90:90, --tilt -30:90    degrees at the two ends
          --zoom 1:10            factors, and --zoom-seconds 4 from end to end
          --speed 300            degrees per second that a servo turns at most
          --acceleration 6000    degrees per second squared
        """;

    public static int Run(ReadOnlySpan<string> words)
    {
        string[] all = [.. words];
        return SimulationHost.Guard("i2c", HelpText, () => Run(Options.Parse(
            all,
            [
                "socket", "address", "view", "control", "pan-channel", "tilt-channel", "zoom-channel", "pulse", "pan", "tilt", "zoom", "zoom-seconds",
                "speed", "acceleration",
            ],
            [])));
    }

    private static int Run(Options options)
    {
        if (options.Help)
        {
            Console.WriteLine(HelpText);
            return 0;
        }

        var chip = new Pca9685((byte)options.Integer("address", 0x40, 0x01, 0x7F));
        var head = new Head(new(
            options.Number("speed", 300, 0.01, 10_000),
            options.Number("acceleration", 6000, 0.1, 1_000_000),
            options.Range("pan", -90, 90),
            options.Range("tilt", -30, 90),
            options.Range("zoom", 1, 10),
            options.Number("zoom-seconds", 4, 0.1, 100)));
        var (shortest, longest) = options.Range("pulse", 1000, 2000);
        var wiring = new ServoWiring(
            options.Integer("pan-channel", 0, -1, 15), options.Integer("tilt-channel", 1, -1, 15), options.Integer("zoom-channel", -1, -1, 15), shortest, longest);
        var path = options.Required("socket");
        using var view = options.Text("view") is { } file ? ViewFile.Open(file) : null;
        using var listener = new UnixListener(path);
        var device = new I2cDevice(chip, head, wiring, view);
        return SimulationHost.Run(device, options.Text("control"), $"ready {path}", (loop, stop) =>
            listener.ServeAsync((stream, ending) => ServeAsync(stream, device, loop, ending), stop));
    }

    private static async Task ServeAsync(NetworkStream stream, I2cDevice device, SimulationLoop loop, CancellationToken stop)
    {
        var head = new byte[5];
        while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, stop) == head.Length)
        {
            var write = new byte[BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(1))];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(3));
            await stream.ReadExactlyAsync(write, stop);
            await stream.WriteAsync(await loop.Ask(now => Transfer(device, head[0], write, length, now)), stop);
        }
    }

    private static byte[] Transfer(I2cDevice device, byte address, byte[] write, int length, long now)
    {
        var answer = new byte[1 + length];
        answer[0] = device.Transfer(address, write, answer.AsSpan(1), now);
        return answer[0] == I2cDevice.Done ? answer : answer[..1];
    }
}
