namespace EdgeCam.Agent.Diagnostics;

/// <summary>Where every loop of the agent keeps its <see cref="Progress"/>, so that one look tells whether all live. Used from any thread.</summary>
internal sealed class ProgressBoard(TimeProvider time)
{
    private Progress[] _loops = [];

    /// <summary>A place for a loop, which has promised nothing yet.</summary>
    public Progress Add(string name)
    {
        var added = new Progress(name, time);
        while (true)
        {
            var before = Volatile.Read(ref _loops);
            if (Interlocked.CompareExchange(ref _loops, [.. before, added], before) == before)
                return added;
        }
    }

    /// <summary>The loops that have not kept their promise; empty while all live.</summary>
    public IReadOnlyList<OverdueLoop> Overdue()
    {
        List<OverdueLoop>? found = null;
        foreach (var loop in Volatile.Read(ref _loops))
        {
            if (loop.Overdue() is { } by)
                (found ??= []).Add(new(loop.Name, by));
        }

        return found ?? (IReadOnlyList<OverdueLoop>)[];
    }
}
