using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>The topics between the device and Home Assistant; its state stands in the device's own status and telemetry.</summary>
internal sealed class HomeAssistantTopics(MqttTopics topics, string prefix)
{
    private readonly string _own = $"{topics.Prefix}/{topics.Device}/ha/";

    /// <summary>Where Home Assistant looks for devices: retained.</summary>
    public string Discovery { get; } = $"{prefix}/device/{topics.Device}/config";

    public string Status => topics.Status;

    public string Telemetry => topics.Telemetry;

    /// <summary>The lines' values: retained.</summary>
    public string State => $"{_own}state";

    /// <summary>Takes <c>home</c>, <c>stop</c> and <c>preset TOKEN</c>.</summary>
    public string Head(string camera) => $"{_own}ptz/{camera}";

    /// <summary>Takes <c>ON</c> and <c>OFF</c>.</summary>
    public string Line(string name) => $"{_own}gpio/{name}";

    public string HeadFilter => Head("+");

    public string LineFilter => Line("+");

    /// <summary>What is meant by a command's topic: the name is of the letters that cameras' and lines' names have, for it is logged.</summary>
    public bool TryParse(string topic, out bool isHead, out string name)
    {
        (isHead, name) = (false, "");
        if (!topic.StartsWith(_own, StringComparison.Ordinal) || topic[_own.Length..].Split('/') is not [("ptz" or "gpio") and var kind, { Length: > 0 and <= 64 } named])
            return false;
        (isHead, name) = (kind == "ptz", named);
        return named.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');
    }
}
