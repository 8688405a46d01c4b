namespace EdgeCam.Agent.Fleet;

/// <summary>One command at several devices: so many at once, so that one that is dead holds nobody up, and a summary at the end.</summary>
internal static class ManyDevices
{
    public const int UsualParallel = 32;

    /// <summary>At a single one, the outcome is written as it is; at several, in a table, or a line of JSON for each as it comes.</summary>
    /// <param name="asksOffline">One that is offline is asked, too: it is to find it later.</param>
    public static async Task<int> RunAsync(
        FleetSession session, IReadOnlyList<DeviceTarget> targets, int parallel, Func<DeviceTarget, CancellationToken, Task<DeviceOutcome>> ask, bool asksOffline = false)
    {
        var outcomes = new DeviceOutcome?[targets.Count];
        using var writing = new SemaphoreSlim(1);
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, targets.Count), new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = session.Stop }, AskAsync);
        }
        catch (OperationCanceledException)
        {
            for (var i = 0; i < outcomes.Length; i++)
                await TakeAsync(i, outcomes[i] ?? DeviceOutcome.Interrupted(targets[i].Device));
            await SummariseAsync(session, outcomes!);
            throw;
        }

        await SummariseAsync(session, outcomes!);
        return DeviceOutcome.ExitCodeOf(outcomes!);

        async ValueTask AskAsync(int index, CancellationToken stop)
        {
            var target = targets[index];
            if (session.Console.Progress.IsTerminal && targets.Count > 1)
                session.Console.Progress.Show(target.Device, "asked");
            await TakeAsync(index, target.IsKnownOffline && !asksOffline ? DeviceOutcome.Offline(target.Device) : await ask(target, stop));
        }

        async Task TakeAsync(int index, DeviceOutcome outcome)
        {
            if (outcomes[index] is not null)
                return;
            outcomes[index] = outcome;
            await writing.WaitAsync(CancellationToken.None);
            try
            {
                session.Console.Progress.Done(outcome.Device, targets.Count > 1 && !session.Console.IsJson && outcome.Kind is OutcomeKind.Failed or OutcomeKind.Silent ? outcome.Text : null);
                if (session.Console.IsJson)
                    await session.Console.WriteAsync(outcome.ToJson());
            }
            finally
            {
                writing.Release();
            }
        }
    }

    /// <summary>The table at the end, and how many of each kind.</summary>
    public static async Task SummariseAsync(FleetSession session, IReadOnlyList<DeviceOutcome> outcomes)
    {
        session.Console.Progress.Clear();
        if (session.Console.IsJson)
            return;
        if (outcomes is [var only])
        {
            if (only.Kind == OutcomeKind.Done)
                await session.Console.WriteAsync(string.Join('\n', only.Text.Split('\n').Select(static line => PlainText.Of(line))));
            else
                session.Console.Say($"{only.Device}: {PlainText.Of(only.Text)}");
            return;
        }

        var table = new TextTable("DEVICE", "OUTCOME", "RESULT");
        foreach (var outcome in outcomes)
            table.Add(outcome.Device, DeviceOutcome.Word(outcome.Kind), outcome.Text);
        await table.WriteAsync(session.Console.Output);
        session.Console.Say(Counts(outcomes));
    }

    internal static string Counts(IReadOnlyCollection<DeviceOutcome> outcomes) =>
        $"{outcomes.Count} devices: " + string.Join(", ", Enum.GetValues<OutcomeKind>().Select(kind => (Kind: kind, Count: outcomes.Count(outcome => outcome.Kind == kind)))
            .Where(static counted => counted.Count > 0).Select(static counted => $"{counted.Count} {DeviceOutcome.Word(counted.Kind)}"));
}
