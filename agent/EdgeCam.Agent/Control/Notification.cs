using System.Buffers;
using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>A JSON-RPC notification of the device's own.</summary>
internal static class Notification
{
    /// <param name="parameters">Writes one object.</param>
    public static byte[] Create(string method, Action<Utf8JsonWriter> parameters)
    {
        var message = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(message);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteString("method", method);
        writer.WritePropertyName("params");
        parameters(writer);
        writer.WriteEndObject();
        writer.Flush();
        return message.WrittenSpan.ToArray();
    }
}
