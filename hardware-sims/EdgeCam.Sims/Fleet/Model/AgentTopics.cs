namespace EdgeCam.Sims.Fleet.Model;

/// <summary>The names of a device's topics, <c>{prefix}/{device}/…</c>; made anew each time, since thousands of devices would hold them all.</summary>
internal readonly struct AgentTopics(string prefix, string device)
{
    public string Status => $"{prefix}/{device}/status";

    public string Telemetry => $"{prefix}/{device}/telemetry";

    public string Desired => $"{prefix}/{device}/config/desired";

    public string Reported => $"{prefix}/{device}/config/reported";

    /// <summary>What the device subscribes to, and whether it asks for the retained message.</summary>
    public IReadOnlyList<(string Filter, bool IsRetained)> Filters =>
        [(Status, false), ($"{prefix}/{device}/session/+/+/to-device", false), ($"{prefix}/{device}/rpc/+/request", false), (Desired, true)];

    public string Event(string kind) => $"{prefix}/{device}/event/{kind}";

    /// <summary>The levels below the device's own.</summary>
    public string[] Below(string topic) => topic.StartsWith($"{prefix}/{device}/", StringComparison.Ordinal) ? topic[(prefix.Length + device.Length + 2)..].Split('/') : [];

    public string ToViewer(string client, string session) => $"{prefix}/{device}/session/{client}/{session}/to-viewer";

    /// <summary>Where an answer goes: where the request asks for, as far as that is the client's own place.</summary>
    public string Response(string client, string? asked) =>
        asked is { Length: <= 512 } && asked.StartsWith($"{prefix}/{device}/rpc/{client}/", StringComparison.Ordinal) && !asked.EndsWith("/request", StringComparison.Ordinal) && asked.AsSpan().IndexOfAny("+#") < 0
            ? asked
            : $"{prefix}/{device}/rpc/{client}/response";
}
