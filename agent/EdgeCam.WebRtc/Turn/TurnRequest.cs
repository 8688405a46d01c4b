using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Turn;

/// <summary>A request that waits for its answer.</summary>
internal sealed class TurnRequest(TurnRequestKind kind, StunTransaction transaction, TurnPermission? permission, TurnPeer? peer, int attempt)
{
    /// <summary>How often a request is made anew because the server wants another nonce.</summary>
    public const int MaxAttempts = 4;

    // RFC 8489 §6.2.1 gives up after 39.5 s, over streams too (§6.2.2). What tells whether the server lives gives up earlier: with the ten
    // seconds of silence before it, a dead server is noticed within 26 s.
    private static readonly TimeSpan s_streamTimeout = TimeSpan.FromSeconds(39.5);
    private static readonly TimeSpan s_streamLifeTimeout = TimeSpan.FromSeconds(15);
    private const int LifeSends = 5; // over 7.5 s, given up after 15.5 s
    private const int ReleaseSends = 3;
    private const int StreamTimeoutFactor = 16; // a transaction waits so many times its first timeout after the last send

    public TurnRequestKind Kind => kind;

    public StunTransaction Transaction => transaction;

    public TurnPermission? Permission => permission;

    public TurnPeer? Peer => peer;

    public int Attempt => attempt;

    public Instant BeganAt { get; private init; }

    /// <summary>What it is sent with, set when it is first written: a repetition has the same (RFC 8489 §6.2.1), so that an answer tells of it.</summary>
    public ReadOnlyMemory<byte> Nonce { get; set; }

    /// <summary>Whether it is sent with credentials.</summary>
    public bool IsAuthenticated => !Nonce.IsEmpty;

    public StunMethod Method => kind switch
    {
        TurnRequestKind.Allocate => StunMethod.Allocate,
        TurnRequestKind.CreatePermission => StunMethod.CreatePermission,
        TurnRequestKind.ChannelBind => StunMethod.ChannelBind,
        _ => StunMethod.Refresh,
    };

    public static TurnRequest Create(
        TurnRequestKind kind, TurnClientOptions options, Instant now, TurnPermission? permission = null, TurnPeer? peer = null, int attempt = 1)
    {
        var isLife = kind is TurnRequestKind.Refresh or TurnRequestKind.Release;
        var id = TransactionId.Create(options.Random);
        var transaction = options.IsStream
            ? new StunTransaction(id, (isLife ? s_streamLifeTimeout : s_streamTimeout) / StreamTimeoutFactor, maxSends: 1)
            : new StunTransaction(id, StunTransaction.DefaultInitialTimeout, kind switch
            {
                TurnRequestKind.Refresh => LifeSends,
                TurnRequestKind.Release => ReleaseSends,
                _ => StunTransaction.DefaultMaxSends,
            });
        return new(kind, transaction, permission, peer, attempt) { BeganAt = now };
    }
}
