using static EdgeCam.Agent.ConfigurationKind;

namespace EdgeCam.Agent;

/// <summary>
/// Every key there is. The binder passes over what it does not know, so this table finds misspelled keys; a test holds it equal to the
/// record tree of <see cref="AgentOptions"/>.
/// </summary>
internal static class ConfigurationKeys
{
    public static readonly IReadOnlyList<ConfigurationKey> All =
    [
        new("device", Section),
        new("device.id", Text),
        new("device.name", Text),
        new("device.stateFolder", Text),
        new("cameras", SectionList),
        new("cameras[].name", Text, IsRequired: true),
        new("cameras[].source", Text, IsRequired: true),
        new("cameras[].width", Integer),
        new("cameras[].height", Integer),
        new("cameras[].frameRate", Integer),
        new("cameras[].bitrate", Integer),
        new("cameras[].keyFrameInterval", Integer),
        new("cameras[].profile", Text),
        new("cameras[].level", Text),
        new("cameras[].command", TextList),
        new("cameras[].extraArguments", TextList),
        new("cameras[].stallTimeoutSeconds", Integer),
        new("cameras[].encoder", Text),
        new("cameras[].minBitrate", Integer),
        new("cameras[].substream", Section),
        new("cameras[].substream.enabled", Flag),
        new("cameras[].substream.width", Integer),
        new("cameras[].substream.height", Integer),
        new("cameras[].substream.frameRate", Integer),
        new("cameras[].substream.bitrate", Integer),
        new("mqtt", Section),
        new("mqtt.broker", Text),
        new("mqtt.prefix", Text),
        new("mqtt.username", Text),
        new("mqtt.passwordFile", Text),
        new("mqtt.caFile", Text),
        new("mqtt.keepAliveSeconds", Integer),
        new("mqtt.webSocketUrl", Text),
        new("mqtt.embedded", Section),
        new("mqtt.embedded.enabled", Flag),
        new("mqtt.embedded.port", Integer),
        new("http", Section),
        new("http.enabled", Flag),
        new("http.bind", Text),
        new("http.hosts", TextList),
        new("http.certificateFile", Text),
        new("http.keyFile", Text),
        new("security", Section),
        new("security.access", Text),
        new("security.pageUrl", Text),
        new("ptz", SectionList),
        new("ptz[].camera", Text, IsRequired: true),
        new("ptz[].driver", Text, IsRequired: true),
        new("ptz[].leaseSeconds", Integer),
        new("ptz[].stopAfterMilliseconds", Integer),
        new("ptz[].pan", Section),
        .. Axis("ptz[].pan"),
        new("ptz[].tilt", Section),
        .. Axis("ptz[].tilt"),
        new("ptz[].zoom", Section),
        .. Axis("ptz[].zoom"),
        new("gpio", Section),
        new("gpio.chip", Text),
        new("gpio.lines", SectionList),
        new("gpio.lines[].name", Text, IsRequired: true),
        new("gpio.lines[].offset", Integer, IsRequired: true),
        new("gpio.lines[].label", Text),
        new("gpio.lines[].chip", Text),
        new("gpio.lines[].direction", Text),
        new("gpio.lines[].activeLow", Flag),
        new("gpio.lines[].pull", Text),
        new("gpio.lines[].debounceMilliseconds", Integer),
        new("gpio.lines[].initial", Flag),
        new("gpio.lines[].safe", Flag),
        new("gpio.lines[].scope", Text),
        new("gpio.lines[].maxOnSeconds", Integer),
        new("gpio.lines[].maxOperationsPerMinute", Integer),
        new("gpio.pwm", SectionList),
        new("gpio.pwm[].name", Text, IsRequired: true),
        new("gpio.pwm[].source", Text, IsRequired: true),
        new("gpio.pwm[].label", Text),
        new("gpio.pwm[].frequency", Integer),
        new("gpio.pwm[].initial", Integer),
        new("gpio.pwm[].safe", Integer),
        new("gpio.pwm[].scope", Text),
        new("gpio.interlocks", SectionList),
        new("gpio.interlocks[].never", TextList),
        new("gpio.interlocks[].label", Text),
        new("peers", Section),
        new("peers.port", Integer),
        new("peers.maxViewers", Integer),
        new("peers.excludedInterfaces", TextList),
        new("peers.stunServers", TextList),
        new("peers.turnServers", SectionList),
        new("peers.turnServers[].url", Text, IsRequired: true),
        new("peers.turnServers[].username", Text),
        new("peers.turnServers[].passwordFile", Text),
        new("peers.turnServers[].secretFile", Text),
        new("peers.turnServers[].giveToViewers", Flag),
        new("peers.turnCaFile", Text),
        new("peers.turnCredentialSeconds", Integer),
        new("peers.icePolicy", Text),
        new("peers.hideHostCandidates", Flag),
        new("peers.advertise", TextList),
        new("peers.segmentation", Flag),
        new("log", Section),
        new("log.level", Text),
        new("log.format", Text),
    ];

    private static readonly Dictionary<string, ConfigurationKey> s_byPath = All.ToDictionary(key => key.Path, StringComparer.Ordinal);

    private static ConfigurationKey[] Axis(string path) =>
    [
        new($"{path}.enabled", Flag),
        new($"{path}.minimum", Number),
        new($"{path}.maximum", Number),
        new($"{path}.softMinimum", Number),
        new($"{path}.softMaximum", Number),
        new($"{path}.maxSpeed", Number),
        new($"{path}.acceleration", Number),
        new($"{path}.invert", Flag),
        new($"{path}.channel", Integer),
        new($"{path}.minPulse", Integer),
        new($"{path}.maxPulse", Integer),
        new($"{path}.trim", Integer),
    ];

    public static ConfigurationKey? Find(string path) => s_byPath.GetValueOrDefault(path);

    /// <summary>The keys directly in a section; the file itself is the empty path.</summary>
    public static IEnumerable<ConfigurationKey> Within(string section)
    {
        var start = section.Length == 0 ? "" : section + ".";
        return All.Where(key => key.Path.StartsWith(start, StringComparison.Ordinal) && !key.Path.AsSpan(start.Length).Contains('.'));
    }

    /// <summary>
    /// The key that was probably meant: one with few different letters beside it, or one of the same name elsewhere.
    /// </summary>
    public static string? Nearest(string section, string name)
    {
        var near = Within(section)
            .Select(key => (key.Path, Distance: Distance(name, Name(key.Path))))
            .Where(candidate => candidate.Distance <= Math.Max(2, name.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Path)
            .FirstOrDefault();
        return near ?? All.FirstOrDefault(key => Name(key.Path).Equals(name, StringComparison.OrdinalIgnoreCase))?.Path;
    }

    private static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>Letters to insert, delete or replace (Levenshtein), capitals aside.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j - 1], diagonal) + 1);
            }
        }

        return row[right.Length];
    }
}
