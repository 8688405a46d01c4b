using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Fleet;

/// <summary>Which devices a command is for: names, patterns with <c>*</c> and <c>?</c>, a group, or all.</summary>
internal sealed partial class DeviceNames
{
    private readonly IReadOnlyList<string> _words;
    private readonly string? _group;
    private readonly bool _isAll;

    private DeviceNames(IReadOnlyList<string> words, string? group, bool isAll) => (_words, _group, _isAll) = (words, group, isAll);

    /// <summary>Options that choose devices, for commands that take several.</summary>
    public static string[] Options => ["--group"];

    /// <exception cref="FleetException">None is named, or what is named can be no device.</exception>
    public static DeviceNames Of(FleetArguments arguments)
    {
        var names = new DeviceNames(arguments.Words, arguments.Text("--group"), arguments.Flag("--all"));
        if ((names._words.Count > 0 ? 1 : 0) + (names._group is null ? 0 : 1) + (names._isAll ? 1 : 0) != 1)
            throw FleetException.Usage("name devices, patterns such as 'porch-*', --group NAME, or --all");
        foreach (var word in names._words)
        {
            if (!NamePattern().IsMatch(word))
                throw FleetException.Usage($"{PlainText.Of(word, 80)} is no device's name: it has 1 to 63 characters of a-z, 0-9 and '-' (with * and ? in a pattern)");
        }

        return names;
    }

    /// <summary>One device, by its name.</summary>
    /// <exception cref="FleetException">It is none.</exception>
    public static string One(FleetArguments arguments, string usage)
    {
        if (arguments.Words is not [var device, ..])
            throw FleetException.Usage($"a device is missing: {usage}");
        return IsName(device) ? device : throw FleetException.Usage($"{PlainText.Of(device, 80)} is no device's name: {usage}");
    }

    public static bool IsPattern(string word) => word.AsSpan().IndexOfAny("*?") >= 0;

    /// <summary>Whether a name fits one of these words.</summary>
    public static bool Matches(IReadOnlyList<string> words, string name) =>
        words.Any(word => IsPattern(word) ? FileSystemName.MatchesSimpleExpression(word, name, ignoreCase: false) : word == name);

    /// <summary>The devices, in the order of their names, each with its status where the broker has one.</summary>
    /// <exception cref="FleetException">A pattern or a group has no device.</exception>
    public async Task<IReadOnlyList<DeviceTarget>> FindAsync(FleetSession session)
    {
        string[]? named = _words.Count > 0 && !_words.Any(IsPattern) ? [.. _words.Distinct(StringComparer.Ordinal)] : null;
        var members = _group is null ? null : await MembersAsync(session, _group);
        var kept = await session.ReadRetainedAsync("status", named ?? members);
        string[] names = named ?? members ?? [.. kept.Keys.Where(name => IsName(name) && (_isAll || Matches(_words, name)))];
        if (names.Length == 0)
            throw new FleetException(ExitCode.Silent, _isAll ? "No device has a status at this broker." : $"No device with a status at this broker is named like {string.Join(", ", _words)}.");
        if (_words.FirstOrDefault(word => IsPattern(word) && !names.Any(name => Matches([word], name))) is { } empty)
            session.Console.Say($"No device with a status at this broker is named like {empty}.");
        return [.. names.Order(StringComparer.Ordinal).Select(name => new DeviceTarget(name, kept.TryGetValue(name, out var payload) ? DeviceStatus.TryRead(name, payload) : null))];
    }

    /// <summary>A device tells in <c>config/reported</c> which groups it is in.</summary>
    private static async Task<string[]> MembersAsync(FleetSession session, string group)
    {
        var reported = await session.ReadRetainedAsync("config/reported", null);
        string[] members = [.. reported.Where(device => IsName(device.Key) && IsIn(device.Value, group)).Select(static device => device.Key)];
        return members.Length > 0 ? members : throw new FleetException(ExitCode.Silent, $"No device at this broker reports the group {PlainText.Of(group, 80)} (device.groups).");
    }

    private static bool IsIn(ReadOnlyMemory<byte> reported, string group) =>
        JsonReading.TryParse(reported) is { } json && json.Member("values")?.Member("device") is { } device && device.Texts("groups").Contains(group, StringComparer.Ordinal);

    private static bool IsName(string word) => NamePattern().IsMatch(word) && !IsPattern(word);

    [GeneratedRegex(@"^[a-z0-9*?][a-z0-9*?-]{0,62}\z")]
    private static partial Regex NamePattern();
}
