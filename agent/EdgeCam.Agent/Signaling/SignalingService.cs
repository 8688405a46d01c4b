using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>
/// Turns viewers' messages into peer connections and back. One loop owns the sessions; everything else is posted to it. A message that is
/// retained, duplicate, oversized or malformed never gets as far as the gateway.
/// </summary>
/// <remarks>Candidates and byes are not signed: whoever carries the messages can lose them as well, and neither opens anything.</remarks>
internal sealed class SignalingService(
    IViewerGateway gateway,
    Func<DeviceIntroduction> introduce,
    Func<string, Deadline?, IceServerGrant> iceServers,
    Action<SessionKey, byte[]> send,
    SessionAccess access,
    SignalingLimits limits,
    DropCounters drops,
    TimeProvider time,
    SignalingMetrics metrics,
    ILogger<SignalingService> log,
    Progress? progress = null)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(30);

    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly Dictionary<SessionKey, SignalingSession> _sessions = [];
    private readonly ClientLimiter _limiter = new(limits.MessagesPerSecond, limits.Burst, limits.Clients, time);
    private readonly List<Task> _answering = [];
    private int _queued;
    private long _sequence; // one for all sessions: each sees it rise, and nothing need be kept for those that are refused

    /// <summary>Sessions in the table, live or not.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>Takes a message. Policy: when too many wait, the newest is dropped; a viewer tries again.</summary>
    public void Receive(SessionKey key, ReadOnlyMemory<byte> payload, bool retained = false, bool oversized = false)
    {
        if (retained)
        {
            drops.Count(Stage.Signaling, DropReason.Retained);
            return;
        }

        if (Interlocked.Increment(ref _queued) > limits.Queue)
        {
            Interlocked.Decrement(ref _queued);
            drops.Count(Stage.Signaling, DropReason.QueueFull);
            return;
        }

        _inbox.Writer.TryWrite(() =>
        {
            Interlocked.Decrement(ref _queued);
            try
            {
                Handle(key, payload.Span, oversized);
            }
            catch (Exception bug) when (Ends(key, bug))
            {
            }
        });
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var second = time.CreateTimer(_ => _inbox.Writer.TryWrite(Sweep), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        try
        {
            await foreach (var action in _inbox.Reader.ReadAllAsync(stop))
                action();
        }
        catch (OperationCanceledException)
        {
            // Stopped; the offers under way end with the gateway.
        }

        progress?.Rest();

        await Task.WhenAll(_answering);
    }

    private void Handle(SessionKey key, ReadOnlySpan<byte> payload, bool oversized)
    {
        if (!MayCost(key, 1))
            return;

        if (oversized)
        {
            Refuse(key, DropReason.Oversized, 413, "a message may have 65536 bytes");
            return;
        }

        if (!IncomingMessage.TryParse(payload, out var message, out var problem))
        {
            Refuse(key, DropReason.Malformed, 400, problem, message.OfferSeq);
            return;
        }

        if (message is { Type: "offer" } or { Type: "hello", Token: not null } && !MayCost(key, limits.OfferCost - 1, message.OfferSeq))
            return;

        if (Find(key) is not { } session)
        {
            Refuse(key, DropReason.TooMany, 429, "too many sessions; try again later", message.OfferSeq);
            return;
        }

        if (!session.Sequence.TryAccept(message.Seq!.Value))
        {
            drops.Count(Stage.Signaling, DropReason.Duplicate);
            return;
        }

        session.LastHeard = time.GetTimestamp();
        metrics.Received(message.Type!);
        switch (message.Type)
        {
            case "hello":
                var greeting = access.Admit(key, offer: null, message.Credentials);
                Send(key, OutgoingMessages.Welcome(++_sequence, introduce(), access, greeting.Grant is { } greeted ? GrantTo(session, greeted) : null));
                break;
            case "offer":
                HandleOffer(session, message);
                break;
            case "candidate":
                HandleCandidate(session, message.Candidate!);
                break;
            case "bye":
                HandleBye(session, message.Reason ?? "");
                break;
        }
    }

    /// <summary>The viewer's own ICE servers; a live session gets fresh ones before they expire.</summary>
    private IceServerGrant GrantTo(SignalingSession session, AccessGrant? admitted)
    {
        var grant = iceServers(session.Key.Client, admitted?.Expires);
        (session.HasIceServers, session.IceServersOffset) = (true, DeviceClock.Offset(time));
        session.RenewIceServersAt = grant.RenewAfter is { } renew ? time.GetTimestamp() + (long)(renew.TotalSeconds * time.TimestampFrequency) : null;
        return grant;
    }

    /// <summary>Whether the client may send so much more; it is told at most once a second that it may not.</summary>
    private bool MayCost(SessionKey key, int cost, long? re = null)
    {
        if (_limiter.TryTake(key.Client, cost, out var mayAnswer))
            return true;
        drops.Count(Stage.Signaling, DropReason.RateLimited);
        if (mayAnswer)
            SendError(key, 429, "too many messages; slow down", re);
        return false;
    }

    /// <summary>The session, made where it is new; null where the table is full of live ones.</summary>
    private SignalingSession? Find(SessionKey key)
    {
        if (_sessions.TryGetValue(key, out var session))
            return session;
        if (_sessions.Count >= limits.Sessions)
        {
            if (_sessions.Values.Where(other => !other.IsLive).MinBy(other => other.LastHeard) is not { } oldest)
                return null;
            _sessions.Remove(oldest.Key);
        }

        return _sessions[key] = new(key);
    }

    private void HandleOffer(SignalingSession session, IncomingMessage message)
    {
        if (session.State is SignalingSessionState.Offering or SignalingSessionState.Renegotiating)
        {
            Refuse(session.Key, DropReason.TooMany, 429, "the offer before is still being answered", message.OfferSeq);
            return;
        }

        var admission = access.Admit(session.Key, message.Sdp, message.Credentials);
        if (admission.Grant is not null && session.IsLive && access.Present(session)?.Holder is { } holder && holder != admission.Grant.Holder)
            admission = Admission.Refuse(AccessRefusal.OtherHolder);
        if (admission.Grant is { } admitted && access.Enter(session, admitted) is not AccessRefusal.None and var excess)
            admission = Admission.Refuse(excess);
        if (admission.Grant is not { } grant)
        {
            var reason = admission.Refusal switch
            {
                AccessRefusal.ClockNotSet => DropReason.ClockNotSet,
                AccessRefusal.TooManyOffers => DropReason.RateLimited,
                _ => Reason(admission.Code),
            };
            Refuse(session.Key, reason, admission.Code, admission.Message, message.OfferSeq);
            return;
        }

        log.Offered(session.Key, message.Camera ?? "the first camera");
        session.State = session.State == SignalingSessionState.Live ? SignalingSessionState.Renegotiating : SignalingSessionState.Offering;
        _answering.RemoveAll(task => task.IsCompleted);
        var signals = new Signals(this, session, message, grant);
        session.Pending = signals;
        _answering.Add(AnswerAsync(session, signals, new(session.Key, grant, message.Camera, message.Sdp!, signals)));
    }

    private async Task AnswerAsync(SignalingSession session, Signals signals, ViewerOffer offer)
    {
        ViewerAnswer answer;
        var isClosed = false;
        var began = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(limits.AnswerSeconds), time);
        try
        {
            answer = await gateway.OfferAsync(offer, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            gateway.Close(session.Key, "the answer took too long");
            isClosed = true;
            answer = ViewerAnswer.Refuse(408, "the answer took too long; try again");
        }
#pragma warning disable CA1031 // our own bug costs this viewer, never the others
        catch (Exception bug)
#pragma warning restore CA1031
        {
            log.Faulted(session.Key, bug);
            answer = ViewerAnswer.Refuse(503, "a fault of the device; its log has it");
        }

        metrics.Answered(answer.Code, time.GetElapsedTime(began));
        _inbox.Writer.TryWrite(() => HandleAnswer(session, signals, answer, isClosed));
    }

    /// <param name="isClosed">The gateway was told to close the session, and with it what was live before the offer.</param>
    private void HandleAnswer(SignalingSession session, Signals signals, ViewerAnswer answer, bool isClosed)
    {
        var re = signals.Offer.Seq!.Value;
        if (session.Pending != signals)
            return; // it ended meanwhile
        session.Pending = null;
        if (answer.Sdp is null)
        {
            session.EarlyCandidates.Clear();
            var wasLive = session.Current is not null;
            if (wasLive && !isClosed)
                session.State = SignalingSessionState.Live; // a refused renegotiation leaves what was there
            else
                Close(session, answer.Message);
            Refuse(session.Key, Reason(answer.Code), answer.Code, answer.Message, re);
            if (wasLive && isClosed)
                Send(session.Key, OutgoingMessages.Bye(++_sequence, answer.Message));
            return;
        }

        session.Current = signals;
        session.State = SignalingSessionState.Live;
        session.Grant = signals.Grant;
        var signature = access.Sign(session.Key, signals.Offer, answer.Sdp);
        Send(session.Key, OutgoingMessages.Answer(++_sequence, re, answer.Sdp, signature, access.Identity, session.HasIceServers ? null : GrantTo(session, signals.Grant)));
        foreach (var candidate in session.EarlyCandidates)
            gateway.AddCandidate(session.Key, candidate);
        session.EarlyCandidates.Clear();
    }

    private void HandleClosed(SignalingSession session, Signals signals, string reason)
    {
        if (session.Current == signals && session.Pending is not null)
        {
            session.Current = null; // replaced by the connection of a further offer, whose answer decides
            return;
        }

        if (session.Current != signals && session.Pending != signals)
            return;
        Close(session, reason);
        Send(session.Key, OutgoingMessages.Bye(++_sequence, reason));
    }

    private void HandleCandidate(SignalingSession session, string candidate)
    {
        switch (session.State)
        {
            case SignalingSessionState.Live:
                gateway.AddCandidate(session.Key, candidate);
                break;
            case SignalingSessionState.Closed:
                drops.Count(Stage.Signaling, DropReason.UnknownSession);
                break;
            default: // policy: the first ones are held, those beyond the bound dropped
                if (session.EarlyCandidates.Count >= limits.EarlyCandidates)
                {
                    drops.Count(Stage.Signaling, DropReason.TooMany);
                    break;
                }

                if (session.EarlyCandidates.Count == 0)
                    session.EarlySince = time.GetTimestamp();
                session.EarlyCandidates.Add(candidate);
                break;
        }
    }

    private void HandleBye(SignalingSession session, string reason)
    {
        if (session.IsLive)
            gateway.Close(session.Key, reason.Length is > 0 and <= 128 ? reason : "the viewer left");
        else
            drops.Count(Stage.Signaling, DropReason.UnknownSession);
        Close(session, "the viewer left");
    }

    private void Close(SignalingSession session, string reason)
    {
        log.Closed(session.Key, reason);
        session.State = SignalingSessionState.Closed;
        session.Current = session.Pending = null;
        session.Grant = null;
        session.Place?.Dispose();
        session.Place = null;
        session.EarlyCandidates.Clear();
        session.HasIceServers = false;
        session.RenewIceServersAt = null;
        session.LastHeard = time.GetTimestamp();
    }

    /// <summary>Our own bug costs this session, never the others.</summary>
    private bool Ends(SessionKey key, Exception bug)
    {
        log.Faulted(key, bug);
        if (_sessions.TryGetValue(key, out var session))
        {
            if (session.IsLive)
                gateway.Close(key, "a fault of the device");
            Close(session, "a fault of the device");
        }

        Refuse(key, DropReason.Fault, 503, "a fault of the device; its log has it");
        return true;
    }

    /// <summary>Once a second: what waited too long is let go.</summary>
    private void Sweep()
    {
        progress?.Within(s_patience);
        var now = time.GetTimestamp();
        var offset = DeviceClock.Offset(time);
        foreach (var session in _sessions.Values)
        {
            if (session.State == SignalingSessionState.Greeted && session.EarlyCandidates.Count > 0
                && time.GetElapsedTime(session.EarlySince, now).TotalSeconds >= limits.EarlyCandidateSeconds)
            {
                for (var i = 0; i < session.EarlyCandidates.Count; i++)
                    drops.Count(Stage.Signaling, DropReason.Expired);
                session.EarlyCandidates.Clear();
            }

            if (session.IsLive && access.EndOf(session) is { } end)
            {
                gateway.Close(session.Key, end.Words);
                Close(session, end.Words);
                Send(session.Key, OutgoingMessages.Bye(++_sequence, end.Words, end.Cause));
            }

            // What was minted by a wall clock that was wrong is of no use to the TURN server.
            var isClockChanged = session.RenewIceServersAt is not null && (offset - session.IceServersOffset).Duration() >= s_jump;
            if (session.IsLive && (session.RenewIceServersAt <= now || isClockChanged))
                Send(session.Key, OutgoingMessages.IceServers(++_sequence, GrantTo(session, access.Present(session))));
            if (!session.IsLive && time.GetElapsedTime(session.LastHeard, now).TotalSeconds >= limits.IdleSeconds)
                _sessions.Remove(session.Key); // .NET allows removing while enumerating
        }
    }

    /// <param name="re">The number of the offer that is refused; null where it is something else.</param>
    private void Refuse(SessionKey key, DropReason reason, int code, string message, long? re = null)
    {
        log.Refused(key, code, message);
        drops.Count(Stage.Signaling, reason);
        SendError(key, code, message, re);
    }

    private void SendError(SessionKey key, int code, string message, long? re) => Send(key, OutgoingMessages.Error(++_sequence, re, code, message));

    private void Send(SessionKey key, byte[] message) => send(key, message);

    private static DropReason Reason(int code) => code switch
    {
        404 => DropReason.UnknownCamera,
        408 => DropReason.Expired,
        413 => DropReason.Oversized,
        429 => DropReason.TooMany,
        480 => DropReason.CameraNotReady,
        401 or 403 => DropReason.Forbidden,
        503 => DropReason.QueueFull,
        _ => DropReason.RefusedOffer,
    };

    /// <summary>What the gateway says later, brought into the loop.</summary>
    private sealed class Signals(SignalingService service, SignalingSession session, IncomingMessage offer, AccessGrant grant) : IViewerSignals
    {
        public IncomingMessage Offer { get; } = offer;

        public AccessGrant Grant { get; } = grant;

        public void OnCandidate(string candidate) => service._inbox.Writer.TryWrite(() =>
        {
            if (session.Current == this || session.Pending == this)
                service.Send(session.Key, OutgoingMessages.Candidate(++service._sequence, candidate));
        });

        public void OnRestart(string reason) => service._inbox.Writer.TryWrite(() =>
        {
            if (session.Current == this)
                service.Send(session.Key, OutgoingMessages.Restart(++service._sequence, reason));
        });

        public void OnClosed(string reason) => service._inbox.Writer.TryWrite(() => service.HandleClosed(session, this, reason));
    }
}
