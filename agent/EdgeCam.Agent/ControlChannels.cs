using System.Collections.Concurrent;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;

namespace EdgeCam.Agent;

/// <summary>Viewers' data channels <c>control</c> and <c>control-fast</c>, led to the control plane and back.</summary>
internal sealed class ControlChannels(ControlPlane control, DropCounters drops) : IChannelHandler
{
    private const int MaxUnderWay = 64; // requests of one channel that are not answered yet
    private static readonly TimeSpan s_refusalPeace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ViewerChannel, OpenChannel> _open = new(ReferenceEqualityComparer.Instance as IEqualityComparer<ViewerChannel>);
    private readonly ConcurrentDictionary<Task, bool> _answering = new();

    /// <summary>Whose viewers they are; to be set before it runs.</summary>
    public PeerLoop? Loop { get; set; }

    public void OnOpened(ViewerChannel channel)
    {
        var origin = channel.Label switch
        {
            ControlDispatcher.Channel => CallerOrigin.Control,
            ControlDispatcher.FastChannel => CallerOrigin.ControlFast,
            _ => default(CallerOrigin?),
        };
        if (origin is null)
            return;
        var open = new OpenChannel(() => Caller(channel, origin.Value));
        if (origin == CallerOrigin.ControlFast)
            open.Mailbox = new(message => Handle(channel, open, message), control.Time, drops);
        else
            control.Audience.Join(channel.Viewer, open.Caller, message => channel.Send(message, isText: true));
        _open[channel] = open;
    }

    public void OnMessage(ViewerChannel channel, byte[] message, bool isText)
    {
        if (!_open.TryGetValue(channel, out var open))
            return;
        if (open.Mailbox is { } mailbox)
            mailbox.Offer(message);
        else
            Handle(channel, open, message);
    }

    /// <summary>The flooder is told, once a second.</summary>
    public void OnRefused(ViewerChannel channel)
    {
        if (_open.TryGetValue(channel, out var open) && control.Time.GetElapsedTime(open.RefusedAt) is var since && (open.RefusedAt == 0 || since >= s_refusalPeace))
        {
            open.RefusedAt = control.Time.GetTimestamp();
            channel.Send(ControlDispatcher.Refusal(ControlError.TooMany), isText: true);
        }
    }

    public void OnCandidate(ViewerChannel channel, string candidate) => channel.Send(SessionMethods.Candidate(candidate), isText: true);

    public void OnRestart(ViewerChannel channel, string reason)
    {
        if (channel.Label == ControlDispatcher.Channel)
            channel.Send(SessionMethods.Restart(reason), isText: true);
    }

    public void OnClosed(ViewerChannel channel)
    {
        if (!_open.TryRemove(channel, out var open))
            return;
        open.Mailbox?.Dispose();
        if (open.Mailbox is null)
            control.Audience.Leave(channel.Viewer);
    }

    /// <summary>Waits for what is being answered.</summary>
    public Task FinishAsync() => Task.WhenAll(_answering.Keys);

    private void Handle(ViewerChannel channel, OpenChannel open, byte[] message)
    {
        if (Volatile.Read(ref open.UnderWay) >= MaxUnderWay)
        {
            drops.Count(Stage.Control, DropReason.RateLimited);
            OnRefused(channel);
            return;
        }

        var handling = control.Dispatcher.HandleAsync(message, open.Caller());
        if (handling.IsCompletedSuccessfully)
        {
            Send(channel, handling.Result);
            return;
        }

        Interlocked.Increment(ref open.UnderWay);
        var answering = AnswerAsync(channel, open, handling);
        _answering[answering] = true;
        answering.ContinueWith(done => _answering.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task AnswerAsync(ViewerChannel channel, OpenChannel open, ValueTask<byte[]?> handling)
    {
        Send(channel, await handling);
        Interlocked.Decrement(ref open.UnderWay);
    }

    private static void Send(ViewerChannel channel, byte[]? response)
    {
        if (response is not null)
            channel.Send(response, isText: true);
    }

    private ControlCaller Caller(ViewerChannel channel, CallerOrigin origin) =>
        new(channel.Viewer, control.Access.Of(channel.Viewer), origin, channel.Camera, channel.TimestampAt, new ChannelSession(Loop!, channel));

    /// <summary>A viewer's session, to be used while its message is handled in the loop.</summary>
    private sealed class ChannelSession(PeerLoop loop, ViewerChannel channel) : IControlSession
    {
        public (string? Answer, string Problem) HandleOffer(string sdp)
        {
            var result = loop.HandleOffer(channel, sdp);
            return (result.Answer, result.Message);
        }

        public void AddCandidate(string candidate) => loop.AddCandidate(channel.Viewer, candidate);
    }

    private sealed class OpenChannel(Func<ControlCaller> caller)
    {
        public int UnderWay;

        public Func<ControlCaller> Caller { get; } = caller;

        public FastMailbox? Mailbox { get; set; }

        public long RefusedAt { get; set; }
    }
}
