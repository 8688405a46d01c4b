using System.Buffers;
using System.Text.Json;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>
/// What is taken no longer. As JSON <c>{"tokens", "holders", "keys", "before"}</c>: the first three are lists of names, or objects of name and
/// the Unix time from which on it need not be remembered (null: for good); <c>before</c> has Unix times by issuer.
/// </summary>
/// <param name="Tokens">By <c>jti</c>.</param>
/// <param name="Holders">By the thumbprint of the key that a token is bound to.</param>
/// <param name="Keys">By <c>kid</c> or thumbprint of the key that signs tokens.</param>
/// <param name="Before">Tokens of the issuer that were issued before.</param>
internal sealed record RevocationList(
    IReadOnlyDictionary<string, long> Tokens, IReadOnlyDictionary<string, long> Holders, IReadOnlyDictionary<string, long> Keys, IReadOnlyDictionary<string, long> Before)
{
    /// <summary>A name is never longer, characters.</summary>
    public const int MaxName = 256;

    /// <summary>Remembered for good.</summary>
    public const long Ever = long.MaxValue;

    public static readonly RevocationList Empty = new(Names([]), Names([]), Names([]), Names([]));

    private static readonly long s_lastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public int Count => Tokens.Count + Holders.Count + Keys.Count + Before.Count;

    public static IReadOnlyDictionary<string, long> Names(IEnumerable<string> names, long until = Ever) =>
        names.Distinct(StringComparer.Ordinal).ToDictionary(static name => name, _ => until, StringComparer.Ordinal);

    /// <param name="holder">The thumbprint of the token's holder; null where it is bound to nobody.</param>
    public AccessRefusal Find(TokenOrigin token, string? holder)
    {
        if (Keys.ContainsKey(token.Key) || (token.KeyId is not null && Keys.ContainsKey(token.KeyId)))
            return AccessRefusal.RevokedKey;
        if (Before.TryGetValue(token.Issuer, out var before) && token.IssuedAt < before)
            return AccessRefusal.RevokedBefore;
        if (token.Id.Length > 0 && Tokens.ContainsKey(token.Id))
            return AccessRefusal.Revoked;
        return holder is not null && Holders.ContainsKey(holder) ? AccessRefusal.RevokedHolder : AccessRefusal.None;
    }

    /// <summary>Both; of what both have, the later time.</summary>
    public RevocationList And(RevocationList other) =>
        new(Both(Tokens, other.Tokens), Both(Holders, other.Holders), Both(Keys, other.Keys), Both(Before, other.Before));

    /// <summary>Without what need not be remembered any longer.</summary>
    /// <param name="now">Unix seconds.</param>
    public RevocationList At(long now) => new(Left(Tokens, now), Left(Holders, now), Left(Keys, now), Before);

    /// <summary>Null where the text is none, and <paramref name="problem"/> ends a sentence that begins with where it stands.</summary>
    public static RevocationList? TryParse(string json, out string? problem)
    {
        try
        {
            var root = JsonElement.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 3, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            problem = root.ValueKind != JsonValueKind.Object ? "is no JSON object"
                : root.EnumerateObject().Select(static member => member.Name).FirstOrDefault(static name => name is not ("tokens" or "holders" or "keys" or "before")) is { } unknown
                    ? $"has \"{Shortened(unknown)}\", which means nothing here"
                    : null;
            if (problem is not null)
                return null;
            var (tokens, holders, keys, before) = (Read(root, "tokens"), Read(root, "holders"), Read(root, "keys"), Read(root, "before"));
            if (tokens is not null && holders is not null && keys is not null && before is not null && !before.ContainsValue(Ever))
                return new(tokens, holders, keys, before);
            problem = $"has a list that is none: tokens, holders and keys are lists of names of up to {MaxName} characters, before an object of issuers and Unix times";
            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            problem = "is not JSON";
            return null;
        }
    }

    public byte[] ToJson()
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text, new() { Indented = true });
        writer.WriteStartObject();
        foreach (var (name, list) in new[] { ("tokens", Tokens), ("holders", Holders), ("keys", Keys), ("before", Before) })
        {
            writer.WriteStartObject(name);
            foreach (var (what, until) in list)
            {
                if (until == Ever)
                    writer.WriteNull(what);
                else
                    writer.WriteNumber(what, until);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenSpan.ToArray();
    }

    private static Dictionary<string, long>? Read(JsonElement root, string name)
    {
        var list = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!root.TryGetProperty(name, out var value))
            return list;
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.String || element.GetString() is not { Length: > 0 and <= MaxName } text)
                    return null;
                list[text] = Ever;
            }

            return list;
        }

        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var member in value.EnumerateObject())
        {
            long until = Ever;
            if (member.Name.Length is 0 or > MaxName
                || (member.Value.ValueKind != JsonValueKind.Null && (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt64(out until) || until < 0 || until > s_lastSecond)))
                return null;
            list[member.Name] = until;
        }

        return list;
    }

    private static Dictionary<string, long> Both(IReadOnlyDictionary<string, long> first, IReadOnlyDictionary<string, long> second)
    {
        var all = new Dictionary<string, long>(first, StringComparer.Ordinal);
        foreach (var (name, until) in second)
            all[name] = Math.Max(until, all.GetValueOrDefault(name));
        return all;
    }

    private static Dictionary<string, long> Left(IReadOnlyDictionary<string, long> list, long now) =>
        list.Where(entry => entry.Value > now).ToDictionary(static entry => entry.Key, static entry => entry.Value, StringComparer.Ordinal);

    private static string Shortened(string text) => text.Length <= 32 ? text : text[..32] + "…";
}
