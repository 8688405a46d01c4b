using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>A word to QEMU itself, in its Machine Protocol: what a hand at the device's cables does.</summary>
internal static class MachineMonitor
{
    /// <param name="socket">The machine's qmp socket.</param>
    /// <exception cref="InvalidOperationException">QEMU refuses.</exception>
    public static async Task DoAsync(string socket, string command, JsonObject arguments)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket));
        await using var stream = new NetworkStream(connection);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        await reader.ReadLineAsync(); // its greeting
        await AskAsync(reader, writer, "qmp_capabilities", []);
        await AskAsync(reader, writer, command, arguments);
    }

    private static async Task AskAsync(StreamReader reader, StreamWriter writer, string command, JsonObject arguments)
    {
        await writer.WriteLineAsync(new JsonObject { ["execute"] = command, ["arguments"] = arguments }.ToJsonString());
        while (await reader.ReadLineAsync() is { } line)
        {
            var answer = JsonNode.Parse(line)!.AsObject();
            if (answer.ContainsKey("return"))
                return;
            if (answer["error"] is { } error)
                throw new InvalidOperationException($"{command}: {error.ToJsonString()}");
        }

        throw new InvalidOperationException($"{command}: QEMU closed the line");
    }
}
