using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Peers.Mdns;

/// <summary>
/// Finds the addresses behind the names that browsers tell in their place (draft-ietf-mmusic-mdns-ice-candidates): one-shot queries
/// (RFC 6762 §5.1), beside the loop. An answer counts only for the name that was asked, and only as one more candidate.
/// </summary>
internal sealed class MdnsResolver(Func<IEnumerable<NetworkInterface>> interfaces, DropCounters drops)
{
    private const int MaxWaiting = 64;
    private const int MaxOfViewer = 4; // a browser has a name for each of its addresses
    private const int MaxAtOnce = 8;
    private const int MaxMessage = 9000; // RFC 6762 §17

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1)];

    private readonly Channel<Query> _waiting = Channel.CreateBounded<Query>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _pending = new(StringComparer.Ordinal);

    /// <summary>Viewers whose names are asked for, or wait.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return _pending.Count;
        }
    }

    /// <summary>
    /// Asks for a name. Policy: 8 are asked for at once, 64 wait, and 4 of these are one viewer's; what is more, or no browser's name, is
    /// dropped.
    /// </summary>
    /// <param name="found">Called from any thread, at most once.</param>
    public void Resolve(string viewer, string name, Action<IPAddress> found)
    {
        if (!MdnsMessage.IsCandidateName(name))
        {
            drops.Count(Stage.Signaling, DropReason.Malformed);
        }
        else if (!TryBegin(viewer))
        {
            drops.Count(Stage.Signaling, DropReason.TooMany);
        }
        else if (!_waiting.Writer.TryWrite(new(viewer, name, found)))
        {
            drops.Count(Stage.Signaling, DropReason.QueueFull);
            End(viewer);
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        var asking = new List<Task>();
        try
        {
            await foreach (var query in _waiting.Reader.ReadAllAsync(stop))
            {
                asking.RemoveAll(task => task.IsCompleted);
                if (asking.Count >= MaxAtOnce)
                    asking.Remove(await Task.WhenAny(asking));
                asking.Add(AskAsync(query, stop));
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }

        await Task.WhenAll(asking);
    }

    private bool TryBegin(string viewer)
    {
        lock (_gate)
        {
            var pending = _pending.GetValueOrDefault(viewer);
            if (pending < MaxOfViewer)
                _pending[viewer] = pending + 1;
            return pending < MaxOfViewer;
        }
    }

    private void End(string viewer)
    {
        lock (_gate)
        {
            if (--_pending[viewer] == 0)
                _pending.Remove(viewer);
        }
    }

    private async Task AskAsync(Query query, CancellationToken stop)
    {
        var (viewer, name, found) = query;
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        scope.CancelAfter(s_life);
        try
        {
            using var link = new MdnsLink(interfaces());
            var id = (ushort)Random.Shared.Next(1, ushort.MaxValue);
            var answer = new TaskCompletionSource<IPAddress>(TaskCreationOptions.RunContinuationsAsynchronously);
            var hearing = Task.WhenAll(link.Sockets.Select(socket => HearAsync(socket, id, name, answer, scope.Token)));
            var sending = SendAsync(link, id, name, scope.Token);
            if (await Task.WhenAny(answer.Task, hearing) == answer.Task)
                found(await answer.Task);
            await scope.CancelAsync();
            await Task.WhenAll(hearing, sending);
        }
        catch (NetworkInformationException)
        {
            // an interface went while it was looked at: the browser's own checks will find the way
        }
        finally
        {
            End(viewer);
        }
    }

    private static async Task SendAsync(MdnsLink link, ushort id, string name, CancellationToken stop)
    {
        var query = new byte[MdnsMessage.MaxQuery];
        foreach (var pause in s_pauses.Append(Timeout.InfiniteTimeSpan))
        {
            foreach (var type in new[] { MdnsMessage.TypeA, MdnsMessage.TypeAaaa })
                link.Send(query.AsSpan(0, MdnsMessage.WriteQuery(query, id, name, type)));
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
        }
    }

    private static async Task HearAsync(Socket socket, ushort id, string name, TaskCompletionSource<IPAddress> answer, CancellationToken stop)
    {
        var buffer = new byte[MaxMessage];
        var anyone = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, stop);
                if (MdnsMessage.FindAddress(buffer.AsSpan(0, received.ReceivedBytes), id, name) is { } address)
                    answer.TrySetResult(address);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // its time is over, or its interface has gone
        }
    }

    private sealed record Query(string Viewer, string Name, Action<IPAddress> Found);
}
