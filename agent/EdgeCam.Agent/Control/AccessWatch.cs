using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>Looks once a second whose access ends: a viewer is told a minute before, and whoever made its session when it is over.</summary>
/// <param name="expired">Called each second until the viewer has gone; may get viewers that are not its own.</param>
internal sealed class AccessWatch(ViewerAccess viewers, ControlAudience audience, Action<string> expired, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_notice = TimeSpan.FromSeconds(60);

    private Dictionary<string, DateTimeOffset> _told = [];

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                Sweep();
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    internal void Sweep()
    {
        var now = time.GetUtcNow();
        var told = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal); // anew each time: who has gone, is forgotten
        foreach (var (viewer, session) in viewers.All)
        {
            if (session.Grant.Expires is not { } end)
                continue;
            if (end <= now)
            {
                expired(viewer);
                continue;
            }

            // One whose channel is not open yet hears it as soon as it is.
            if (end - now <= s_notice && ((_told.TryGetValue(viewer, out var known) && known == end) || audience.Tell(viewer, AccessMethods.Expires(end - now))))
                told[viewer] = end;
        }

        _told = told;
    }
}
