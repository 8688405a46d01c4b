using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Says who may ask, and answers (RFC 8489 §6.3 and §9.1.3, RFC 8445 §7.3).</summary>
/// <remarks>
/// A request that is not authenticated is not answered, though RFC 8489 §9.1.3 asks for a 401: its source address may be forged, and the peer
/// that we wait for has the password. So whoever has not gets nothing from us, not a byte.
/// </remarks>
internal sealed class BindingResponder
{
    private const int MaxUnknownAttributes = 4;

    private static readonly StunAttributeType[] s_known =
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.MessageIntegrity, StunAttributeType.ErrorCode,
        StunAttributeType.UnknownAttributes, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.XorMappedAddress,
        StunAttributeType.Priority, StunAttributeType.UseCandidate,
    ];

    private readonly ResponseQueue _responses = new();

    public bool IsIdle => _responses.IsEmpty;

    /// <summary>Requests without the right credentials.</summary>
    public long Unauthenticated { get; private set; }

    public long DroppedResponses => _responses.Dropped;

    public static bool HasUnknownAttributes(StunMessageView message)
    {
        Span<StunAttributeType> unknown = stackalloc StunAttributeType[1];
        return message.CopyUnknownAttributes(s_known, unknown) != 0;
    }

    /// <summary>The credential that the request proves, or null where it proves none.</summary>
    /// <param name="current">Username <c>local:</c>, our password.</param>
    /// <param name="former">The same before the last restart: its pairs carry media until others are valid (RFC 8445 §9).</param>
    public ShortTermCredential? Authenticate(StunMessageView request, ShortTermCredential current, ShortTermCredential? former)
    {
        if (request.HasIntegrity && request.TryGet(StunAttributeType.Username, out var username))
        {
            var credential = username.StartsWith(current.Username) ? current
                : former is not null && username.StartsWith(former.Username) ? former
                : null;
            if (credential is not null && request.IsAuthenticatedBy(credential.Key))
                return credential;
        }

        Unauthenticated++;
        return null;
    }

    public void Accept(StunMessageView request, NetworkPath path, ShortTermCredential credential)
    {
        Span<byte> buffer = stackalloc byte[ResponseQueue.MaxResponseSize];
        var writer = new StunMessageWriter(buffer, request.Method, StunClass.SuccessResponse, request.TransactionId);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, path.Remote);
        writer.AddIntegrity(credential.Key);
        writer.AddFingerprint();
        _responses.Offer(buffer[..writer.Length], path);
    }

    public void Refuse(StunMessageView request, NetworkPath path, StunErrorCode code, ShortTermCredential credential)
    {
        Span<byte> buffer = stackalloc byte[ResponseQueue.MaxResponseSize];
        var writer = new StunMessageWriter(buffer, request.Method, StunClass.ErrorResponse, request.TransactionId);
        writer.AddErrorCode(code);
        if (code == StunErrorCode.UnknownAttribute)
        {
            Span<StunAttributeType> unknown = stackalloc StunAttributeType[MaxUnknownAttributes];
            writer.AddUnknownAttributes(unknown[..request.CopyUnknownAttributes(s_known, unknown)]);
        }

        writer.AddIntegrity(credential.Key);
        writer.AddFingerprint();
        _responses.Offer(buffer[..writer.Length], path);
    }

    public bool TryTransmit(Span<byte> buffer, out Transmit transmit) => _responses.TryTransmit(buffer, out transmit);
}
