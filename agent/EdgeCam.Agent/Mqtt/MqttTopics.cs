namespace EdgeCam.Agent.Mqtt;

/// <summary>The names of the topics: <c>{prefix}/{device}/…</c>.</summary>
internal sealed class MqttTopics(string prefix, string device)
{
    private const string ToDevice = "to-device";
    private const string ToViewer = "to-viewer";
    private const int MaxClient = 128;
    private const int MaxResponseTopic = 512;

    private readonly string _rpc = $"{prefix}/{device}/rpc/";
    private readonly string _sessions = $"{prefix}/{device}/session/";

    public string Prefix { get; } = prefix;

    public string Device { get; } = device;

    public string Status { get; } = $"{prefix}/{device}/status";

    /// <param name="kind"><c>ptz</c>, <c>gpio</c>, <c>board</c>, <c>broker</c>, <c>camera</c>, <c>viewer</c>, <c>device</c>, <c>config</c>.</param>
    public string Event(string kind) => $"{Prefix}/{Device}/event/{kind}";

    public string Telemetry { get; } = $"{prefix}/{device}/telemetry";

    public string ConfigDesired { get; } = $"{prefix}/{device}/config/desired";

    public string ConfigReported { get; } = $"{prefix}/{device}/config/reported";

    public string RpcRequestFilter => $"{_rpc}+/request";

    public string ToDeviceFilter => $"{_sessions}+/+/{ToDevice}";

    public string ToViewerOf(string client, string session) => $"{_sessions}{client}/{session}/{ToViewer}";

    /// <summary>Reads client and session out of a topic that matched <see cref="ToDeviceFilter"/>.</summary>
    /// <returns>False where either is not what it may be.</returns>
    public bool TryParseToDevice(string topic, out string client, out string session)
    {
        client = session = "";
        if (!topic.StartsWith(_sessions, StringComparison.Ordinal))
            return false;
        var levels = topic[_sessions.Length..].Split('/');
        if (levels.Length != 3 || levels[2] != ToDevice || !IsClient(levels[0]) || !IsSession(levels[1]))
            return false;

        (client, session) = (levels[0], levels[1]);
        return true;
    }

    /// <summary>Reads the client out of a topic that matched <see cref="RpcRequestFilter"/>.</summary>
    public bool TryParseRpcRequest(string topic, out string client)
    {
        client = "";
        if (!topic.StartsWith(_rpc, StringComparison.Ordinal) || topic[_rpc.Length..].Split('/') is not [var named, "request"] || !IsClient(named))
            return false;
        client = named;
        return true;
    }

    public string RpcResponseOf(string client) => $"{_rpc}{client}/response";

    /// <summary>Where an answer goes: where the request asks for (MQTT 5 §4.10), as far as that is this client's own place.</summary>
    public string RpcResponseOf(string client, string? asked) =>
        asked is not null && asked.Length <= MaxResponseTopic && asked.StartsWith($"{_rpc}{client}/", StringComparison.Ordinal) && asked != $"{_rpc}{client}/request"
            && asked.AsSpan().IndexOfAny("+#") < 0 && !asked.Any(char.IsControl)
            ? asked
            : RpcResponseOf(client);

    /// <summary>A viewer's name at the broker: one level of a topic, printable, not overlong.</summary>
    public static bool IsClient(string client) =>
        client.Length is > 0 and <= MaxClient && client.AsSpan().IndexOfAny("/+#") < 0 && !client.Any(char.IsControl);

    /// <summary><c>[A-Za-z0-9_-]{8,64}</c>.</summary>
    public static bool IsSession(string session) =>
        session.Length is >= 8 and <= 64 && session.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-');
}
