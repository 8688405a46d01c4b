using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>
/// Looks once a second whose access ends: a viewer is told a minute before its token expires, and at once where that was revoked; and whoever
/// made its session, when it is over. What issuers' and revocations' files say by now, is read here.
/// </summary>
/// <param name="policy">Null: nothing is revoked.</param>
/// <param name="expired">Called each second until the viewer has gone; may get viewers that are not its own.</param>
internal sealed class AccessWatch(ViewerAccess viewers, ControlAudience audience, Action<string> expired, TimeProvider time, Progress? progress = null, AccessPolicy? policy = null)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_notice = TimeSpan.FromSeconds(60);

    private Dictionary<string, Deadline> _told = [];
    private HashSet<string> _ended = [];

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                progress?.Within(s_patience);
                Sweep();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress?.Rest();
    }

    internal void Sweep()
    {
        policy?.Trust.Look();
        var (told, ended) = (new Dictionary<string, Deadline>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal)); // anew each time: who has gone, is forgotten
        foreach (var (viewer, session) in viewers.All)
        {
            if (policy?.Standing(session.Grant) is { } refusal and not AccessRefusal.None)
            {
                ended.Add(viewer);
                if (!_ended.Contains(viewer))
                    audience.Tell(viewer, AccessMethods.Ended(refusal));
                expired(viewer);
                continue;
            }

            if (session.Grant.Expires is not { } end)
                continue;
            var left = end.Left(time);
            if (left <= TimeSpan.Zero)
            {
                expired(viewer);
                continue;
            }

            // One whose channel is not open yet hears it as soon as it is.
            if (left <= s_notice && ((_told.TryGetValue(viewer, out var known) && known == end) || audience.Tell(viewer, AccessMethods.Expires(left))))
                told[viewer] = end;
        }

        (_told, _ended) = (told, ended);
    }
}
