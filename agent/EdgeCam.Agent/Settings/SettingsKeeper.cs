using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// What the device runs by, and the files that it comes from: confirmed settings, and over them some on trial. It lives as long as the process,
/// however often the agent's parts are made anew.
/// </summary>
/// <remarks>One owner at a time: the <see cref="SettingsService"/> while the agent runs, before and after that the host.</remarks>
internal sealed class SettingsKeeper
{
    private const int MaxUntold = 16;

    private readonly TimeProvider _time;
    private readonly SettingsFolder? _folder;
    private readonly List<string> _alarms = [];
    private readonly Queue<SettingsEvent> _untold = [];
    private LayeredConfiguration _confirmed;

    /// <summary>Loads the settings in force. A trial that is broken, or did not get through its starts, is rolled back; else the start is counted.</summary>
    /// <param name="file">The operator's.</param>
    /// <param name="limits">Null: the usual ones.</param>
    public SettingsKeeper(string file, TimeProvider time, TrialLimits? limits = null)
    {
        (_time, Limits) = (time, limits ?? TrialLimits.Usual);
        Current = LayeredConfiguration.Load(file);
        _confirmed = LayeredConfiguration.Load(file, skipsTrial: true);
        Revision = SettingsRevision.Of(Current.Own, Current.Remote);
        if (Current.Options is not { } options)
            return; // nothing starts then
        _folder = new(options.Device.StateFolder);
        Desired = _folder.Read(_folder.Desired).Json is { } desired ? DesiredOutcome.TryParse(desired) : null;
        var instead = _confirmed.RemoteFile ?? $"what {file} says";
        _alarms.AddRange(_confirmed.RemoteMistakes.GroupBy(static mistake => mistake.File).Select(left => $"{left.Key} is left out, and {instead} is in force: {string.Join(' ', left.Select(static mistake => InOneLine(mistake with { File = null })))}"));
        var (json, refusal) = _folder.Read(_folder.Trial);
        if (json is not null || refusal is not null)
            StartTrial(json is null ? null : TrialRecord.TryParse(json));
    }

    public TrialLimits Limits { get; }

    /// <summary>Without options where the operator's file has mistakes.</summary>
    public LayeredConfiguration Current { get; private set; }

    public AgentOptions Options => Current.Options!;

    /// <summary>Of the settings in force.</summary>
    public string Revision { get; private set; }

    /// <summary>What is on trial; null: what is in force is confirmed.</summary>
    public TrialRecord? Trial { get; private set; }

    /// <summary>When this process began with it, in ticks of the clock.</summary>
    public long TrialBegan { get; private set; }

    /// <summary>What an operator has to look at.</summary>
    public IReadOnlyList<string> Alarms => _alarms;

    /// <summary>What happened last in this process.</summary>
    public SettingsEvent? Last { get; private set; }

    /// <summary>The desired settings that were taken last.</summary>
    public DesiredOutcome? Desired { get; private set; }

    /// <summary>What comes out of another remote layer: options, or all that is wrong with it.</summary>
    public LayeredConfiguration Propose(JsonObject layer) => Current.With(layer, SettingsLayer.Confirmed, _folder!.Confirmed);

    /// <summary>Puts settings in force on trial.</summary>
    /// <exception cref="IOException">They could not be written; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void BeginTrial(LayeredConfiguration proposed, string by, bool awaitsBroker, IReadOnlyList<string> cameras)
    {
        var record = new TrialRecord(0, Diagnostics.DeviceClock.IsSet(_time) ? _time.GetUtcNow() : null, by, awaitsBroker, cameras, proposed.Remote);
        _folder!.Write(_folder.Trial, record.ToBytes());
        (Trial, TrialBegan) = (record, _time.GetTimestamp());
        Take(proposed.With(proposed.Remote, SettingsLayer.Trial, _folder.Trial), SettingsEvent.Trial, by);
    }

    /// <summary>What is on trial has proved itself.</summary>
    /// <exception cref="IOException">It could not be written; it is on trial still.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Confirm()
    {
        var by = Trial!.By;
        Adopt(Current.With(Current.Remote, SettingsLayer.Confirmed, _folder!.Confirmed), by);
    }

    /// <summary>Puts settings in force and confirms them.</summary>
    /// <exception cref="IOException">They could not be written; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Adopt(LayeredConfiguration proposed, string by)
    {
        var content = Encoding.UTF8.GetBytes(proposed.Remote.ToJsonString());
        _folder!.Write(_folder.Confirmed, content);
        _alarms.Clear();
        try
        {
            _folder.Write(_folder.LastGood, content); // after it: where the power goes in between, the older copy is as good
            if (Trial is not null)
                _folder.Remove(_folder.Trial); // last: until then a start tries it once more, and comes to the same
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _alarms.Add($"the settings are confirmed, but the files beside them cannot be kept: {failure.Message}");
        }

        Trial = null;
        _confirmed = proposed;
        Take(proposed, SettingsEvent.Confirmed, by);
    }

    /// <summary>Puts in force what was confirmed before.</summary>
    public void RollBack(string reason)
    {
        var (by, revision) = (Trial?.By ?? "", Revision);
        try
        {
            _folder!.Remove(_folder.Trial);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _alarms.Add($"{_folder!.Trial} cannot be removed ({failure.Message}): the next start tries it again"); // at most three times
        }

        Trial = null;
        _alarms.Add($"settings {revision} were rolled back: {reason}");
        if (DocumentOf(by) is { } document)
            Note(new(document, SettingsEvent.RolledBack, reason));
        Take(_confirmed, SettingsEvent.RolledBack, by, reason, revision);
    }

    /// <summary>Keeps what became of desired settings.</summary>
    public void Note(DesiredOutcome outcome)
    {
        Desired = outcome;
        try
        {
            _folder!.Write(_folder.Desired, outcome.ToBytes());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _alarms.Add($"{_folder!.Desired} cannot be written: {failure.Message}");
        }
    }

    /// <summary>Desired settings are not taken. That is not kept: a later version of the agent may take them.</summary>
    /// <returns>False: that was known.</returns>
    public bool Refuse(DesiredOutcome outcome)
    {
        if (outcome == Desired)
            return false;
        Desired = outcome;
        Tell(new(outcome.State, Revision, ByDesired(outcome.Document), outcome.Reason));
        return true;
    }

    /// <summary>The writer's name for a document of desired settings.</summary>
    public static string ByDesired(string document) => $"desired:{document}";

    /// <summary>The next event that nobody was told of yet.</summary>
    public bool TryTakeUntold(out SettingsEvent? told) => _untold.TryDequeue(out told);

    private static string? DocumentOf(string by) => by.StartsWith("desired:", StringComparison.Ordinal) ? by["desired:".Length..] : null;

    private static string InOneLine(ConfigurationMistake mistake) => mistake.ToString().Replace("\n    ", ". ", StringComparison.Ordinal);

    private void StartTrial(TrialRecord? record)
    {
        Trial = record;
        TrialBegan = _time.GetTimestamp();
        if (record is null || Current.Layer != SettingsLayer.Trial)
        {
            var mistake = Current.RemoteMistakes.FirstOrDefault(mistake => mistake.File == _folder!.Trial);
            RollBack(mistake is null ? "they cannot be read" : InOneLine(mistake with { File = null }));
            return;
        }

        if (record.Starts >= TrialRecord.MaxStarts)
        {
            RollBack($"the agent has started {record.Starts} times with them, and ended before they were confirmed");
            return;
        }

        try
        {
            Trial = record with { Starts = record.Starts + 1 };
            _folder!.Write(_folder.Trial, Trial.ToBytes());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            RollBack($"its start cannot be counted: {failure.Message}");
        }
    }

    private void Take(LayeredConfiguration configuration, string state, string by, string? reason = null, string? revision = null)
    {
        Current = configuration;
        Revision = SettingsRevision.Of(configuration.Own, configuration.Remote);
        Last = new(state, revision ?? Revision, by, reason);
        Tell(Last);
    }

    private void Tell(SettingsEvent happened)
    {
        if (_untold.Count == MaxUntold)
            _untold.Dequeue(); // policy: the oldest goes
        _untold.Enqueue(happened);
    }
}
