using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Timers, path failure, heartbeats (§8) and the end (§9).</summary>
internal sealed partial class SctpAssociation
{
    private const int MaxInitAttempts = 8; // Max.Init.Retransmits, §16
    private const int MaxErrors = 10; // Association.Max.Retrans, §16
    private const int HeartbeatInfoSize = 16;

    private static readonly TimeSpan s_heartbeatInterval = TimeSpan.FromSeconds(30); // HB.interval, §16
    private static readonly TimeSpan s_firstControlDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_maxControlDelay = TimeSpan.FromSeconds(3);

    private int _attempts;
    private int _errors;
    private ErrorCause _abortCause;
    private Instant _heartbeatTimer = Instant.Never;
    private Instant _heartbeatSentAt;
    private ulong _heartbeatNonce;
    private bool _isHeartbeatOutstanding;
    private bool _isShutdownByPeer;

    public Instant NextTimeout
    {
        get
        {
            if (_isOver)
                return Instant.Never;
            var next = Instant.Min(ControlTimer, _heartbeatTimer);
            next = Instant.Min(next, _sender.RetransmissionTimer);
            if (_reset is not null)
                next = Instant.Min(next, _reset.Timer);
            return _receiver is null ? next : Instant.Min(next, _receiver.SackTimer);
        }
    }

    /// <summary>T1-init, T1-cookie and T2-shutdown: never two at once.</summary>
    private Instant ControlTimer { get; set; } = Instant.Never;

    public void HandleTimeout(Instant now)
    {
        if (_isOver)
            return;
        _receiver?.HandleTimeout(now);
        if (_sender.HandleTimeout(now))
            CountError();
        if (!_isOver && _reset is not null && _reset.HandleTimeout(now))
            CountError();
        if (!_isOver && ControlTimer <= now)
            HandleControlTimeout(now);
        if (!_isOver && _heartbeatTimer <= now)
            HandleHeartbeatTimeout(now);
        if (!_isOver)
            ContinueShutdown(now);
    }

    private void StartControlTimer(Instant now, int attempts)
    {
        _attempts = attempts;
        var delay = s_firstControlDelay * (1 << Math.Min(attempts, 4));
        ControlTimer = now + (delay < s_maxControlDelay ? delay : s_maxControlDelay);
    }

    private void HandleControlTimeout(Instant now)
    {
        switch (State)
        {
            case SctpState.Closed:
                SendInit(now); // the peer waits as we do
                break;
            case SctpState.CookieWait:
                RetryInit(now);
                break;
            case SctpState.CookieEchoed when _attempts < MaxInitAttempts:
                _due |= ControlChunks.CookieEcho;
                StartControlTimer(now, _attempts + 1);
                break;
            case SctpState.CookieEchoed:
                End(new SctpEvent.Aborted(ByPeer: false, "the peer does not answer COOKIE ECHO"));
                break;
            default:
                _due |= State == SctpState.ShutdownSent ? ControlChunks.Shutdown : ControlChunks.ShutdownAck;
                StartControlTimer(now, _attempts + 1);
                CountError();
                break;
        }
    }

    private void RetryInit(Instant now)
    {
        if (_attempts >= MaxInitAttempts)
        {
            End(new SctpEvent.Aborted(ByPeer: false, "the peer does not answer INIT"));
            return;
        }

        State = SctpState.CookieWait;
        _due = (_due & ~ControlChunks.CookieEcho) | ControlChunks.Init;
        StartControlTimer(now, _attempts + 1);
    }

    private void CountError()
    {
        if (++_errors > MaxErrors) // §8.1
            End(ErrorCause.OutOfResource, "the peer does not answer");
    }

    private void OnPeerAlive(Instant now)
    {
        _errors = 0;
        if (!_isHeartbeatOutstanding)
            ScheduleHeartbeat(now);
    }

    private void ScheduleHeartbeat(Instant now)
    {
        _isHeartbeatOutstanding = false;
        _heartbeatTimer = now + s_heartbeatInterval + _timeout.Current;
    }

    /// <summary>Idle for long, or the last HEARTBEAT was not answered (§8.3).</summary>
    private void HandleHeartbeatTimeout(Instant now)
    {
        if (_isHeartbeatOutstanding)
        {
            _timeout.BackOff();
            CountError();
        }

        _isHeartbeatOutstanding = true;
        _heartbeatSentAt = now;
        _heartbeatNonce = _options.Random.NextUInt64();
        _due |= ControlChunks.Heartbeat;
        _heartbeatTimer = now + _timeout.Current;
    }

    private void WriteHeartbeat(ref SctpPacketWriter writer)
    {
        Span<byte> info = stackalloc byte[HeartbeatInfoSize];
        BinaryPrimitives.WriteInt64BigEndian(info, _heartbeatSentAt.Ticks);
        BinaryPrimitives.WriteUInt64BigEndian(info[8..], _heartbeatNonce);
        SctpPacketWriter.WriteParameter(writer.Add(ChunkType.Heartbeat, 0, ParameterEnumerator.HeaderSize + HeartbeatInfoSize),
            ParameterType.HeartbeatInfo, info);
    }

    private void HandleHeartbeatAck(ReadOnlySpan<byte> value, Instant now)
    {
        if (!_isHeartbeatOutstanding || value.Length < ParameterEnumerator.HeaderSize + HeartbeatInfoSize
            || BinaryPrimitives.ReadUInt64BigEndian(value[(ParameterEnumerator.HeaderSize + 8)..]) != _heartbeatNonce)
        {
            CountUnexpected();
            return;
        }

        _timeout.Measure(now - _heartbeatSentAt);
        _errors = 0;
        ScheduleHeartbeat(now);
    }

    /// <summary>All that was queued is delivered: the next step of the shutdown (§9.2).</summary>
    private void ContinueShutdown(Instant now)
    {
        if (_isOver || !_sender.IsDone)
            return;
        if (State == SctpState.ShutdownPending)
        {
            State = SctpState.ShutdownSent;
            _due |= ControlChunks.Shutdown;
            StartControlTimer(now, 0);
        }
        else if (State == SctpState.ShutdownReceived)
        {
            State = SctpState.ShutdownAckSent;
            _due |= ControlChunks.ShutdownAck;
            StartControlTimer(now, 0);
        }
    }

    private static void WriteShutdown(ref SctpPacketWriter writer, DataReceiver receiver) =>
        BinaryPrimitives.WriteUInt32BigEndian(writer.Add(ChunkType.Shutdown, 0, 4), receiver.Cumulative.Value);

    private void HandleShutdown(ReadOnlySpan<byte> value, Instant now)
    {
        if (value.Length < 4)
        {
            Counters.BadChunks++;
            return;
        }

        _sender.HandleCumulativeAck(new(BinaryPrimitives.ReadUInt32BigEndian(value)), now);
        OnPeerAlive(now);
        switch (State)
        {
            case SctpState.Established or SctpState.ShutdownPending:
                _isShutdownByPeer = State == SctpState.Established;
                State = SctpState.ShutdownReceived;
                break;
            case SctpState.ShutdownSent: // both at once
                State = SctpState.ShutdownAckSent;
                _due = (_due & ~ControlChunks.Shutdown) | ControlChunks.ShutdownAck;
                StartControlTimer(now, 0);
                break;
            case SctpState.ShutdownAckSent:
                _due |= ControlChunks.ShutdownAck;
                break;
            default:
                break;
        }
    }

    private void HandleShutdownAck()
    {
        if (State is not (SctpState.ShutdownSent or SctpState.ShutdownAckSent))
        {
            CountUnexpected();
            return;
        }

        End(new SctpEvent.Closed(_isShutdownByPeer));
        _due = ControlChunks.ShutdownComplete;
    }

    private void HandleAbort(ChunkView chunk)
    {
        var causes = new ParameterEnumerator(chunk.Value);
        var cause = causes.MoveNext() ? (ErrorCause)causes.Type : ErrorCause.None;
        End(new SctpEvent.Aborted(ByPeer: true, $"the peer sent ABORT, cause {(ushort)cause}"));
    }

    /// <summary>Ends with an ABORT to the peer, where there is one.</summary>
    private void End(ErrorCause cause, string reason)
    {
        if (_isOver)
            return;
        End(new SctpEvent.Aborted(ByPeer: false, reason));
        _abortCause = cause;
        if (_peerTag != 0)
            _due = ControlChunks.Abort;
    }

    private void End(SctpEvent last)
    {
        State = SctpState.Closed;
        _isOver = true;
        _due = ControlChunks.None;
        _replies.Clear();
        ControlTimer = Instant.Never;
        Emit(last);
    }
}
