using System.Collections.Concurrent;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent;

/// <summary>Viewers' data channels <c>control</c> and <c>control-fast</c>, led to the control plane and back.</summary>
internal sealed class ControlChannels(ControlPlane control, DropCounters drops) : IChannelHandler
{
    private const int MaxUnderWay = 64; // requests of one viewer that are not answered yet; a batch begun before may exceed it
    private static readonly TimeSpan s_refusalPeace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _answering = new();

    /// <summary>Whose viewers they are; to be set before it runs.</summary>
    public PeerLoop? Loop { get; set; }

    /// <summary>A camera by its name; to be set before it runs.</summary>
    public Func<string, LiveStream?> FindCamera { get; set; } = static _ => null;

    /// <summary>Bound: one channel of each label for a viewer; policy: a second one is ignored.</summary>
    public void OnOpened(ViewerChannel channel)
    {
        if (channel.Label is not (ControlDispatcher.Channel or ControlDispatcher.FastChannel))
            return;
        var member = _members.GetOrAdd(channel.Viewer, static _ => new());
        var isFast = channel.Label == ControlDispatcher.FastChannel;
        if ((isFast ? member.Fast : member.Control) is not null)
        {
            drops.Count(Stage.Control, DropReason.TooMany);
            return;
        }

        if (isFast)
        {
            member.Fast = channel;
        }
        else
        {
            member.Control = channel;
            control.Audience.Join(channel.Viewer, Caller(channel, CallerOrigin.Control), message => channel.Send(message, isText: true));
        }

        if (member is { Control: not null, Fast: { } fast })
            member.Mailbox = new(message => Handle(fast, member, message), control.Time, drops);
    }

    public void OnMessage(ViewerChannel channel, byte[] message, bool isText)
    {
        if (!_members.TryGetValue(channel.Viewer, out var member))
            return;
        if (channel == member.Control)
            Handle(channel, member, message);
        else if (channel == member.Fast && member.Mailbox is { } mailbox)
            mailbox.Offer(message);
        else if (channel == member.Fast)
            drops.Count(Stage.Control, DropReason.Unsupported); // it may move only what stops when control closes
    }

    public bool Bounds(ViewerChannel channel) => _members.TryGetValue(channel.Viewer, out var member) && channel == member.Fast && member.Mailbox is not null;

    /// <summary>The flooder is told, once a second.</summary>
    public void OnRefused(ViewerChannel channel)
    {
        if (!_members.TryGetValue(channel.Viewer, out var member) || (channel != member.Control && channel != member.Fast))
            return;
        if (member.RefusedAt != 0 && control.Time.GetElapsedTime(member.RefusedAt) < s_refusalPeace)
            return;
        member.RefusedAt = control.Time.GetTimestamp();
        channel.Send(ControlDispatcher.Refusal(ControlError.TooMany), isText: true);
    }

    public void OnCandidate(ViewerChannel channel, string candidate) => channel.Send(SessionMethods.Candidate(candidate), isText: true);

    public void OnRestart(ViewerChannel channel, string reason)
    {
        if (channel.Label == ControlDispatcher.Channel)
            channel.Send(SessionMethods.Restart(reason), isText: true);
    }

    public void OnSwitched(ViewerChannel channel, string camera, StreamChoice stream)
    {
        if (channel.Label == ControlDispatcher.Channel)
            channel.Send(CameraMethods.Switched(camera, stream.Word()), isText: true);
    }

    /// <summary>Without <c>control</c> nothing of that viewer is taken any more, and only then it has left.</summary>
    public void OnClosed(ViewerChannel channel)
    {
        if (!_members.TryGetValue(channel.Viewer, out var member) || (channel != member.Control && channel != member.Fast))
            return;
        member.Mailbox?.Dispose();
        member.Mailbox = null;
        if (channel == member.Fast)
        {
            member.Fast = null;
        }
        else
        {
            member.Control = null;
            control.Audience.Leave(channel.Viewer);
        }

        if (member is { Control: null, Fast: null })
            _members.TryRemove(channel.Viewer, out _);
    }

    /// <summary>Waits for what is being answered.</summary>
    public Task FinishAsync() => Task.WhenAll(_answering.Keys);

    private void Handle(ViewerChannel channel, Member member, byte[] message)
    {
        if (Volatile.Read(ref member.UnderWay) >= MaxUnderWay)
        {
            drops.Count(Stage.Control, DropReason.RateLimited);
            OnRefused(channel);
            return;
        }

        var origin = channel.Label == ControlDispatcher.FastChannel ? CallerOrigin.ControlFast : CallerOrigin.Control;
        var handling = control.Dispatcher.HandleAsync(message, Caller(channel, origin)(), out var requests);
        if (handling.IsCompletedSuccessfully)
        {
            Send(channel, handling.Result);
            return;
        }

        Interlocked.Add(ref member.UnderWay, requests);
        var answering = AnswerAsync(channel, member, handling, requests);
        _answering[answering] = true;
        answering.ContinueWith(done => _answering.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task AnswerAsync(ViewerChannel channel, Member member, ValueTask<byte[]?> handling, int requests)
    {
        try
        {
            Send(channel, await handling);
        }
        finally
        {
            Interlocked.Add(ref member.UnderWay, -requests);
        }
    }

    /// <summary>Whatever a viewer had in hand at the former camera's head is let go.</summary>
    private void Turned(ViewerChannel channel) => control.Audience.Turn(channel.Viewer, channel.Camera);

    private static void Send(ViewerChannel channel, byte[]? response)
    {
        if (response is not null)
            channel.Send(response, isText: true);
    }

    private Func<ControlCaller> Caller(ViewerChannel channel, CallerOrigin origin) =>
        () => new(channel.Viewer, control.Access.Of(channel.Viewer), origin, channel.Camera, channel.TimestampAt, new ChannelSession(this, channel));

    /// <summary>A viewer's session, to be used while its message is handled in the loop.</summary>
    private sealed class ChannelSession(ControlChannels owner, ViewerChannel channel) : IControlSession
    {
        public (string? Answer, string Problem) HandleOffer(string sdp)
        {
            var result = owner.Loop!.HandleOffer(channel, sdp);
            return (result.Answer, result.Message);
        }

        public (ControlError? Refusal, bool IsPending) Select(string? camera, string word)
        {
            var stream = camera is null ? null : owner.FindCamera(camera);
            if (camera is not null && stream is null)
                return (ControlError.NotFound($"there is no camera {camera}; device.info lists them"), false);
            var before = channel.Camera;
            var result = owner.Loop!.Select(channel, stream, StreamChoices.Parse(word));
            if (channel.Camera != before)
                owner.Turned(channel);
            return (result.Code switch
            {
                0 => null,
                404 => ControlError.NotFound(result.Message),
                429 => ControlError.TooMany with { Message = result.Message },
                480 => ControlError.Unavailable(result.Message, "Choose another camera, or this one again when it is back"),
                _ => ControlError.Refused("connection", result.Message, "Begin a session whose offer names that camera"),
            }, result.IsPending);
        }

        public void AddCandidate(string candidate) => owner.Loop!.AddCandidate(channel.Viewer, candidate);
    }

    /// <summary>A viewer's channels.</summary>
    private sealed class Member
    {
        public int UnderWay;

        public ViewerChannel? Control { get; set; }

        public ViewerChannel? Fast { get; set; }

        /// <summary>While both are open.</summary>
        public FastMailbox? Mailbox { get; set; }

        public long RefusedAt { get; set; }
    }
}
