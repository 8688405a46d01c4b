using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Security;

/// <summary>
/// Takes the configuration out of what an operator leaves at <c>config/desired</c>, as <c>security.access</c> asks for it. <c>tokens</c>: a JWS
/// by the key of a token with the scope <c>manage</c> over <c>{"token", "aud", "iat", "jti", "exp"?, "config"}</c>; <c>bearer</c>: that, or
/// <c>{"token", "config"}</c>; <c>open</c>: <c>{"config"}</c>, or signed.
/// </summary>
/// <remarks>
/// The broker keeps the message and gives it out again, so its age says nothing: it is good for as long as its token is, and its own <c>exp</c>.
/// Against an older one that is given out once more stands the mark: nothing is taken that was signed before what was taken last, whoever
/// signed it. With a mark for each issuer a broker could put one issuer's last in the place of another's newer.
/// <para><c>aud</c> is the device, or a group that it is in. Used by one thread at a time.</para>
/// </remarks>
internal sealed class SignedDesired
{
    public const string StateName = "desired-mark.json";

    private const int MaxDepth = 20;
    private const int MaxMark = 4096; // bytes

    private readonly AccessPolicy _policy;
    private readonly TimeProvider _time;
    private readonly string _path;
    private (long IssuedAt, string Id)? _mark;

    public SignedDesired(AccessPolicy policy, string stateFolder, TimeProvider time, ILogger log)
    {
        (_policy, _time, _path) = (policy, time, Path.Combine(stateFolder, StateName));
        if (!File.Exists(_path))
            return;
        _mark = WatchedFile.Read(_path, MaxMark, out var problem) is { } text ? ReadMark(text) : null;
        if (_mark is null)
            log.DesiredMarkDamaged(_path, problem ?? "is damaged");
    }

    /// <summary>
    /// The configuration within, or why it is refused. One that is refused with <see cref="AccessRefusal.ClockNotSet"/> is to be kept and opened
    /// again: the broker does not give it out a second time.
    /// </summary>
    public (DesiredConfiguration? Desired, AccessRefusal Refusal) Open(ReadOnlyMemory<byte> payload)
    {
        var result = IsPlain(payload.Span) ? OpenPlain(payload) : OpenSigned(Encoding.ASCII.GetString(payload.Span));
        _policy.Counted(result.Refusal);
        return result;
    }

    /// <summary>
    /// To be called once the configuration was taken up, or found wrong: from then on nothing older is opened, after a restart neither. Returns
    /// when that is on the disk. One that was not signed leaves no mark.
    /// </summary>
    /// <exception cref="IOException">The disk did not take it: the mark holds for this run.</exception>
    public void Remember(DesiredConfiguration desired)
    {
        if (desired is not { IssuedAt: { } issued, Id: { } id } || desired.IsRepeated)
            return;
        _mark = (issued, id);
        StateFile.Write(_path, WriteMark(issued, id));
    }

    private (DesiredConfiguration? Desired, AccessRefusal Refusal) OpenSigned(string text)
    {
        var (message, refusal) = SignedMessage.Open(text, _policy);
        if (message is null)
            return (null, refusal);
        if (!_policy.Trust.IsAudience(message.Payload))
            return (null, AccessRefusal.WrongRecipient);
        if (!message.Payload.TryGetProperty("config", out var config) || config.ValueKind != JsonValueKind.Object)
            return (null, AccessRefusal.MalformedRequest);
        var now = _time.GetUtcNow();
        if (message.IssuedAt > (now + _policy.Trust.Skew).ToUnixTimeSeconds())
            return (null, AccessRefusal.SignedInFuture); // its mark would shut out all that are signed until then
        if (message.Payload.TryGetProperty("exp", out _) && !(SignedMessage.Seconds(message.Payload, "exp") > (now - _policy.Trust.Skew).ToUnixTimeSeconds()))
            return (null, AccessRefusal.DesiredExpired);
        var isRepeated = _mark == (message.IssuedAt, message.Id);
        if (!isRepeated && message.IssuedAt <= _mark?.IssuedAt)
            return (null, AccessRefusal.Superseded);
        return Manages(message.Token.ToGrant()) is { } grant
            ? (new(config, grant, message.Id, message.IssuedAt, isRepeated), AccessRefusal.None)
            : (null, AccessRefusal.MissingScope);
    }

    private (DesiredConfiguration? Desired, AccessRefusal Refusal) OpenPlain(ReadOnlyMemory<byte> payload)
    {
        if (_policy.Mode == AccessMode.Tokens)
            return (null, AccessRefusal.NoProof);
        try
        {
            var json = JsonElement.Parse(payload.Span, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
            if (json.ValueKind != JsonValueKind.Object)
                return (null, AccessRefusal.MalformedRequest);
            if (!json.TryGetProperty("config", out var config) || config.ValueKind != JsonValueKind.Object)
                return (null, AccessRefusal.MalformedRequest);
            if (_policy.IsOpen)
                return (new(config, AccessGrant.Open("operator")), AccessRefusal.None);
            var (token, refusal) = _policy.Verify(CompactJws.Text(json, "token"));
            if (token is null)
                return (null, refusal);
            return Manages(token.ToGrant()) is { } grant ? (new(config, grant), AccessRefusal.None) : (null, AccessRefusal.MissingScope);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return (null, AccessRefusal.MalformedRequest);
        }
    }

    private static AccessGrant? Manages(AccessGrant grant) => grant.Allows(AccessScope.Manage) ? grant : null;

    private static bool IsPlain(ReadOnlySpan<byte> payload) => payload.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static (long IssuedAt, string Id)? ReadMark(string text)
    {
        try
        {
            var mark = JsonElement.Parse(text);
            return mark.ValueKind == JsonValueKind.Object && SignedMessage.Seconds(mark, "iat") is { } issued && CompactJws.Text(mark, "jti") is { } id ? (issued, id) : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] WriteMark(long issuedAt, string id)
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text);
        writer.WriteStartObject();
        writer.WriteNumber("iat", issuedAt);
        writer.WriteString("jti", id);
        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenSpan.ToArray();
    }
}
