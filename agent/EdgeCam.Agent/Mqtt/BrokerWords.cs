using System.Net.Sockets;

namespace EdgeCam.Agent.Mqtt;

/// <summary>What is wrong with a broker, and what the operator can do: for the log, the service manager's line and <c>event/broker</c>.</summary>
internal static class BrokerWords
{
    public const string NoAnswer = "no answer: check host and port in mqtt.broker, and the network on the way";
    public const string NoConnAck = "took the connection but does not answer: is it an MQTT broker, and not overloaded?";
    public const string Closed = "closed the connection";
    public const string NoPing = "did not answer a ping: the network on the way is dead, or the broker hangs";
    public const string Moved = "no answer since the addresses of this host changed";

    public static string NotReached(SocketError error, string reason) => error switch
    {
        SocketError.ConnectionRefused => "refuses TCP: the broker is down, or listens on another port than mqtt.broker says",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => $"was not found ({reason}): check the name in mqtt.broker and the name server",
        SocketError.TimedOut => NoAnswer,
        _ => $"cannot be reached ({reason})",
    };

    /// <param name="hasCertificate">Whether we have shown one.</param>
    public static string NoTls(string reason, bool hasCertificate) => hasCertificate
        ? $"no TLS ({reason}): check that the broker trusts who issued mqtt.certificateFile, and that this is a port with TLS"
        : $"no TLS ({reason}): check that this is a port with TLS, and whether the broker wants a certificate (mqtt.certificateFile)";

    /// <summary>With TLS 1.3 a certificate of ours is refused after the handshake only, while CONNECT is on its way.</summary>
    /// <param name="hasCertificate">Whether we have shown one.</param>
    public static string HungUp(string reason, bool hasCertificate) => hasCertificate
        ? $"closed the connection before it took it ({reason}): check that the broker trusts who issued mqtt.certificateFile"
        : $"closed the connection before it took it ({reason}): check whether the broker wants a certificate (mqtt.certificateFile)";

    public static string FileUnreadable(string key, string reason) => $"{key} cannot be read ({reason}): check that it is there, holds PEM, and may be read by the agent's user";

    public static string NotUpgraded(string status) => $"answers the WebSocket's request with \"{status}\": check the path in mqtt.broker";

    /// <summary>Why CONNECT was refused.</summary>
    /// <param name="code">As MQTT 5 names it.</param>
    public static string NotAccepted(string code, string? reason) => code switch
    {
        "BadUserNameOrPassword" or "NotAuthorized" => $"refused the connection ({code}): check mqtt.username, mqtt.passwordFile and mqtt.certificateFile, and the broker's list of users",
        "ClientIdentifierNotValid" => $"refused the connection ({code}): it does not take this client id, see mqtt.clientId",
        _ => $"refused the connection ({code}{(string.IsNullOrEmpty(reason) ? "" : $": {reason}")})",
    };

    public static string TakenOver(string client) => $"another client connects as {client}: give each device an id of its own (device.id, mqtt.clientId)";

    public static string LikelyTakenOver(string client) =>
        $"closes each connection within {ReconnectPolicy.Stable.TotalSeconds:0} s, as where another client connects as {client}: give each device an id of its own (device.id, mqtt.clientId)";
}
