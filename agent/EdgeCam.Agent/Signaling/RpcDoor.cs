using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>
/// Takes the request out of what an operator sends, as <c>security.access</c> asks for it. <c>open</c>: JSON-RPC as it is; <c>bearer</c>:
/// <c>{"token", "request"}</c>, or signed; <c>tokens</c>: signed by the token's key.
/// </summary>
/// <remarks>
/// Only a signed request says when it was made. Of the others a broker that keeps them while the device is away decides how late they come: by
/// MQTT 5 their message expiry, which an operator has to set.
/// </remarks>
internal sealed class RpcDoor(AccessPolicy policy, string device, TimeProvider time)
{
    private const int MaxDepth = 20;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private readonly SignedRequest _signed = new(policy, device, time);

    public (RpcRequest? Request, AccessRefusal Refusal) Open(string client, ReadOnlyMemory<byte> payload)
    {
        var result = Read(client, payload);
        policy.Counted(result.Refusal);
        return result;
    }

    private (RpcRequest? Request, AccessRefusal Refusal) Read(string client, ReadOnlyMemory<byte> payload)
    {
        if (policy.IsOpen)
            return (new(payload, AccessGrant.Open(client)), AccessRefusal.None);
        var isPlain = payload.Span.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
        if (isPlain)
            return policy.Mode == AccessMode.Bearer ? OpenBearer(payload) : (null, AccessRefusal.NoProof);

        var (request, grant, refusal) = _signed.Open(Encoding.ASCII.GetString(payload.Span));
        return grant is null ? (null, refusal) : (new(Bytes(request), grant), refusal);
    }

    private (RpcRequest? Request, AccessRefusal Refusal) OpenBearer(ReadOnlyMemory<byte> payload)
    {
        JsonElement envelope;
        try
        {
            envelope = JsonElement.Parse(payload.Span, s_strict);
            if (envelope.ValueKind != JsonValueKind.Object || !envelope.TryGetProperty("token", out var text) || text.ValueKind != JsonValueKind.String)
                return (null, AccessRefusal.NoToken);
            var (token, refusal) = policy.Verify(text.GetString());
            if (token is null)
                return (null, refusal);
            return envelope.TryGetProperty("request", out var request) ? (new(Bytes(request), token.ToGrant()), AccessRefusal.None) : (null, AccessRefusal.Malformed);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return (null, AccessRefusal.Malformed);
        }
    }

    private static byte[] Bytes(JsonElement request) => Encoding.UTF8.GetBytes(request.GetRawText());
}
