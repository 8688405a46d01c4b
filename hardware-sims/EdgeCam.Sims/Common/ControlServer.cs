using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EdgeCam.Sims.Common;

/// <summary>
/// The control socket that every simulated device has: a line asks, a line of JSON answers. <c>state</c> and <c>log</c> are common, all else
/// is the device's own.
/// </summary>
internal static class ControlServer
{
    public static Task ServeAsync(NetworkStream stream, SimulationLoop loop, ISimulatedDevice device, CancellationToken stop) =>
        ServeLinesAsync(stream, line => loop.Ask(now => Answer(device, line, now)), stop);

    public static byte[] Answer(ISimulatedDevice device, string line, long now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is ["log"])
            {
                device.Log.Write(json);
            }
            else
            {
                json.WriteStartObject();
                if (words is ["state"])
                    device.WriteState(json);
                else if (device.Command(words, now) is { } mistake)
                    json.WriteString("error", mistake);
                else
                    json.WriteBoolean("ok", true);
                json.WriteEndObject();
            }
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static async Task ServeLinesAsync(NetworkStream stream, Func<string, Task<byte[]>> answer, CancellationToken stop)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(stop) is { } line)
            await stream.WriteAsync(await answer(line), stop);
    }
}
