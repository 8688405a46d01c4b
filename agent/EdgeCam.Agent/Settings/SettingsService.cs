using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// The loop that owns the settings while the agent runs: takes them from operators and from <c>config/desired</c>, puts them into effect, watches
/// those on trial, and tells of it.
/// </summary>
/// <param name="open">Takes the settings out of a message of <c>config/desired</c>, or says why it is not let in.</param>
/// <param name="apart">
/// Does what must not happen while an update is being installed or on trial; false where one is, and nothing was done. What that version sets could
/// be none for the one that it may be rolled back to, and of two ways back each would undo the other's.
/// </param>
internal sealed class SettingsService(
    SettingsKeeper keeper, Func<ReadOnlyMemory<byte>, DesiredOpening> open, Func<Action, bool> apart, DropCounters drops, TimeProvider time, ILogger<SettingsService> log,
    Progress? progress = null)
{
    private const int MaxWaiting = 32;

    /// <summary>Stands for a message of <c>config/desired</c> that was too large to be taken in.</summary>
    private static readonly byte[] s_oversized = [0];

    /// <summary>An answer is on its way for so long before the connection that carries it ends.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15); // a worn memory card takes long to say that it has written

    // Policy: when too many wait, the newest is refused.
    private readonly Channel<Action> _inbox = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private byte[]? _wanted; // the newest message of config/desired that was not looked at yet
    private ISettingsTarget? _target;
    private TrialWatch? _watch;
    private (SettingsChange Change, long Since)? _pending;
    private bool _isLeaving;
    private bool _isReportDue = true;
    private int _reportedOn;

    public SettingsKeeper Keeper => keeper;

    /// <summary>Does something in the loop, as a method's handler.</summary>
    public async ValueTask<ControlError?> AskAsync(Func<ControlError?> work)
    {
        var done = new TaskCompletionSource<ControlError?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = _inbox.Writer.TryWrite(() =>
        {
            try
            {
                done.SetResult(_isLeaving ? SettingsRefusals.Leaving : work());
            }
#pragma warning disable CA1031 // our own bug costs this request: whoever asked gets it, and the loop goes on
            catch (Exception bug)
#pragma warning restore CA1031
            {
                done.SetException(bug);
            }
        });
        return isTaken ? await done.Task : ControlError.TooMany;
    }

    /// <summary>Takes a message of <c>config/desired</c>. Policy: the newest counts. Never waits.</summary>
    /// <param name="isOversized">The payload was left out.</param>
    public void ReceiveDesired(ReadOnlyMemory<byte> payload, bool isOversized = false) => Volatile.Write(ref _wanted, isOversized ? s_oversized : payload.ToArray());

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(ISettingsTarget target, CancellationToken stop)
    {
        Begin(target);
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            var (order, tick) = (_inbox.Reader.WaitToReadAsync(stop).AsTask(), timer.WaitForNextTickAsync(stop).AsTask());
            while (true)
            {
                progress?.Within(s_patience);
                await Task.WhenAny(order, tick);
                stop.ThrowIfCancellationRequested();
                progress?.Within(s_patience);
                Serve();
                if (order.IsCompleted)
                    order = _inbox.Reader.WaitToReadAsync(stop).AsTask();
                if (!tick.IsCompleted)
                    continue;
                tick = timer.WaitForNextTickAsync(stop).AsTask();
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        _isLeaving = true;
        _inbox.Writer.TryComplete();
        Serve(); // whoever came too late is told so
        progress?.Rest();
    }

    internal void Begin(ISettingsTarget target)
    {
        _target = target;
        foreach (var alarm in keeper.Alarms)
            log.SettingsAlarm(alarm);
    }

    /// <summary>Does what was asked.</summary>
    internal void Serve()
    {
        while (_inbox.Reader.TryRead(out var work))
            work();
    }

    /// <summary>In the loop: the settings in force.</summary>
    public ControlError? Get(Utf8JsonWriter result)
    {
        SettingsReport.Write(result, keeper, keeper.Trial is null ? null : Watch().Left);
        return null;
    }

    /// <summary>In the loop: puts another remote layer in the place of the one there is.</summary>
    /// <param name="result">Takes what it does.</param>
    public ControlError? Put(JsonObject layer, SettingsRequest request, Utf8JsonWriter? result)
    {
        if (request.Revision is { } seen && seen != keeper.Revision)
            return SettingsRefusals.Conflict(keeper.Revision);
        if (keeper.Trial is not null && !request.IsDryRun)
            return SettingsRefusals.OnTrial(keeper.Revision, Watch().Left);
        var proposed = keeper.Propose(layer);
        if (proposed.Options is not { } options)
            return SettingsRefusals.Invalid(proposed.RemoteMistakes);

        var change = SettingsChange.Between(keeper.Options, options);
        var revision = SettingsRevision.Of(proposed.Own, proposed.Remote);
        var isUnchanged = revision == keeper.Revision;
        var isTried = !change.IsHarmless && !isUnchanged;
        if (!request.IsDryRun && !isUnchanged && TryTake(proposed, change, isTried, request.By) is { } failure)
            return failure;
        if (result is not null)
        {
            var state = request.IsDryRun ? "dryRun" : isUnchanged ? "unchanged" : isTried ? SettingsEvent.Trial : SettingsEvent.Confirmed;
            SettingsReport.WriteChange(result, revision, state, change, options, isTried ? keeper.Limits.Longest : null);
        }

        return null;
    }

    private TrialWatch Watch() => _watch ??= new(time, keeper.TrialBegan, keeper.Trial!.AwaitsBroker, keeper.Trial.Cameras, keeper.Limits);

    private ControlError? TryTake(LayeredConfiguration proposed, SettingsChange change, bool isTried, string by)
    {
        try
        {
            if (!apart(() =>
                {
                    if (isTried)
                        BeginTrial(proposed, change, by);
                    else
                        keeper.Adopt(proposed, by);
                }))
                return SettingsRefusals.Updating;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SettingsNotWritten(failure.Message);
            return SettingsRefusals.NotWritten(failure.Message);
        }

        _isReportDue = true;
        log.SettingsSet(by, string.Join(", ", change.Keys), keeper.Revision, isTried ? "on trial" : "confirmed");
        if (change.RestartsAgent || change.RenewsBroker)
            _pending = (change, time.GetTimestamp());
        else
            Apply(change);
        return null;
    }

    private void BeginTrial(LayeredConfiguration proposed, SettingsChange change, string by)
    {
        var target = _target!;
        var isBrokerOther = proposed.Options!.Mqtt.IsEnabled && change.Keys.Any(static key => key.StartsWith("mqtt.", StringComparison.Ordinal));
        string[] live = [.. target.Cameras.Where(static camera => camera.IsLive).Select(static camera => camera.Name)];
        keeper.BeginTrial(proposed, by, isBrokerOther || target.Broker?.IsConnected == true, live);
        _watch = null;
    }

    /// <summary>Twice a second: puts into effect what is due, watches, and tells.</summary>
    internal void Look()
    {
        if (_pending is { } pending && time.GetElapsedTime(pending.Since) >= s_answer)
        {
            _pending = null;
            Apply(pending.Change);
        }

        if (_pending is null && !_isLeaving)
        {
            if (keeper.Trial is not null)
                LookAtTrial();
            else
                LookAtDesired();
        }

        Tell();
    }

    private void LookAtTrial()
    {
        var verdict = Watch().Look(_target!.Broker, _target.Cameras);
        if (verdict == TrialVerdict.Bad)
        {
            var (before, reason) = (keeper.Options, Watch().Missing ?? $"it was not well for {keeper.Limits.Proof.TotalSeconds} s");
            var revision = keeper.Revision;
            keeper.RollBack(reason);
            log.SettingsRolledBack(revision, reason);
            Apply(SettingsChange.Between(before, keeper.Options));
        }
        else if (verdict == TrialVerdict.Good)
        {
            try
            {
                keeper.Confirm();
                log.SettingsConfirmed(keeper.Revision);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.SettingsNotWritten(failure.Message);
                _watch = null; // they prove themselves anew, until their time is over
                return;
            }
        }
        else
        {
            return;
        }

        _watch = null;
        _isReportDue = true;
    }

    private void LookAtDesired()
    {
        if (Interlocked.Exchange(ref _wanted, null) is not { Length: > 0 } payload) // an empty one takes it from the broker, and wants nothing of us
            return;
        if (payload == s_oversized)
        {
            RefuseDesired("oversized", $"it is larger than {MqttConnection.MaxPayload / 1024} KiB, which no configuration needs: leave out what the device's own file says", DropReason.Oversized);
            return;
        }

        var document = SettingsRevision.Of(payload);
        if (keeper.Desired is { } known && known.Document == document && known.State != DesiredOutcome.Refused)
            return;
        var opening = apart(static () => { }) ? open(payload) : new(null); // while an update is on trial it is too early, too
        if (opening.IsTooEarly)
        {
            Interlocked.CompareExchange(ref _wanted, payload, null); // unless a newer one came
            return;
        }

        if (opening.Config is null)
            RefuseDesired(document, opening.Refusal!, opening.Drop);
        else if (Want(opening.Config, document) is { } mistakes)
            RefuseDesired(document, mistakes, DropReason.Malformed);
        opening.Taken?.Invoke();
        _isReportDue = true;
    }

    /// <returns>Why not; null where it is done.</returns>
    private string? Want(JsonObject config, string document)
    {
        if (DesiredSettings.TryRead(config, keeper, out var layer) is { Count: > 0 } mistakes)
            return DesiredSettings.InWords(mistakes);
        if (Put(layer!, new(SettingsKeeper.ByDesired(document)), null) is { } error)
            return DesiredSettings.InWords(error);
        keeper.Note(new(document, DesiredOutcome.Applied));
        return null;
    }

    /// <summary>Counted each time, and told once: the broker hands the document out at each connection.</summary>
    private void RefuseDesired(string document, string reason, DropReason drop)
    {
        drops.Count(Stage.Control, drop);
        if (!keeper.Refuse(new(document, DesiredOutcome.Refused, reason)))
            return;
        log.DesiredRefused(reason);
        _isReportDue = true;
    }

    private void Apply(SettingsChange change)
    {
        if (change.RestartsAgent)
        {
            _isLeaving = true;
            log.SettingsRestart(keeper.Revision);
            _target!.Restart();
        }
        else if (!change.IsNone)
        {
            _target!.Apply(change, keeper.Options);
        }
    }

    private void Tell()
    {
        if (_target!.Broker is not { IsConnected: true } broker)
            return;
        while (keeper.TryTakeUntold(out var told))
            _target.Tell("config", told!.ToBytes());
        if (!_isReportDue && broker.Connections == _reportedOn)
            return;
        _target.Report(SettingsReport.ToBytes(keeper));
        (_isReportDue, _reportedOn) = (false, broker.Connections);
    }
}
