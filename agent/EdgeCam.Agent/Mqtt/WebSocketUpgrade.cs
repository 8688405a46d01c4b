using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Mqtt;

/// <summary>The opening handshake of a WebSocket (RFC 6455 §4.1) with the subprotocol <c>mqtt</c> (MQTT 5 §6), on a stream that is there already.</summary>
/// <remarks>Left out: redirections, proxies, cookies, HTTP authentication, extensions. An answer that asks for any of them is a refusal.</remarks>
internal static class WebSocketUpgrade
{
    private const string Protocol = "mqtt";
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // §1.3
    private const int MaxHead = 8192;
    private const int MaxStatus = 80;

    private static readonly TimeSpan s_close = TimeSpan.FromSeconds(1);

    /// <returns>A stream of binary messages, whose borders mean nothing.</returns>
    /// <exception cref="BrokerException">It did not agree.</exception>
    public static async Task<Stream> RunAsync(Stream stream, BrokerAddress broker, CancellationToken stop)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(broker, key)), stop);
        string head;
        try
        {
            head = await ReadHeadAsync(stream, stop);
        }
        catch (IOException failure) when (failure is not BrokerException)
        {
            var reason = failure.GetBaseException().Message; // TLS 1.3 refuses a certificate of ours only now
            throw new BrokerException(BrokerEndKind.Refused, broker.IsSecure ? BrokerWords.NoTls(reason, hasCertificate: true) : $"{BrokerWords.Closed} ({reason})", failure);
        }

        if (FindMistake(head, key) is { } mistake)
            throw new BrokerException(BrokerEndKind.Refused, mistake);
        var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { SubProtocol = Protocol, KeepAliveInterval = TimeSpan.Zero }); // MQTT has its own
        return WebSocketStream.Create(socket, WebSocketMessageType.Binary, s_close);
    }

    internal static string Request(BrokerAddress broker, string key)
    {
        var host = broker.Host.Contains(':', StringComparison.Ordinal) ? $"[{broker.Host}]" : broker.Host;
        var port = broker.Port == (broker.IsSecure ? 443 : 80) ? "" : $":{broker.Port}";
        return $"GET {broker.Path} HTTP/1.1\r\nHost: {host}{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {Protocol}\r\nSec-WebSocket-Version: 13\r\n\r\n";
    }

    /// <summary>What in the answer's head is not as it must be (§4.1, last part); null where all is.</summary>
    internal static string? FindMistake(string head, string key)
    {
        var lines = head.Split("\r\n");
        var status = new string([.. lines[0].Take(MaxStatus).Where(static letter => !char.IsControl(letter))]);
        if (!status.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            return BrokerWords.NotUpgraded(status);

        var fields = lines.Skip(1).Select(static line => line.Split(':', 2)).Where(static pair => pair.Length == 2)
            .Select(static pair => (Name: pair[0].Trim(), Value: pair[1].Trim())).ToLookup(static field => field.Name, static field => field.Value, StringComparer.OrdinalIgnoreCase);
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
        if (!fields["Upgrade"].Any(static value => value.Equals("websocket", StringComparison.OrdinalIgnoreCase))
            || !fields["Connection"].Any(static value => value.Split(',').Any(static word => word.Trim().Equals("Upgrade", StringComparison.OrdinalIgnoreCase)))
            || !fields["Sec-WebSocket-Accept"].Contains(accept, StringComparer.Ordinal)
            || fields["Sec-WebSocket-Extensions"].Any())
            return "answers the WebSocket's request with what is no WebSocket: check the path in mqtt.broker";
        return fields["Sec-WebSocket-Protocol"].Contains(Protocol, StringComparer.OrdinalIgnoreCase)
            ? null
            : "has a WebSocket there, but it does not speak MQTT (subprotocol mqtt): check the path in mqtt.broker";
    }

    /// <summary>Octet by octet, as what follows the head belongs to the WebSocket.</summary>
    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken stop)
    {
        var head = new byte[MaxHead];
        for (var length = 0; length < head.Length; length++)
        {
            if (await stream.ReadAsync(head.AsMemory(length, 1), stop) == 0)
                throw new BrokerException(BrokerEndKind.Refused, "closed the connection instead of opening a WebSocket: check the path and port in mqtt.broker");
            if (head.AsSpan(0, length + 1).EndsWith("\r\n\r\n"u8))
                return Encoding.Latin1.GetString(head, 0, length + 1);
        }

        throw new BrokerException(BrokerEndKind.Refused, "answers the WebSocket's request without end: check host and port in mqtt.broker");
    }
}
