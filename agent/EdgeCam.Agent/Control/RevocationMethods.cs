using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Control;

/// <summary>
/// The namespace <c>access</c>: <c>access.revoke</c> ends the trust in tokens, holders and keys at once and over restarts, and
/// <c>access.revocations</c> lists what is revoked. To take a revocation back is for whoever is at the device.
/// </summary>
internal static class RevocationMethods
{
    private const int MaxNames = 128; // of each kind in one call
    private const int MaxPage = 200; // with the longest names it is a message that a broker takes

    public static IEnumerable<ControlMethod> Create(Revocations revocations)
    {
        yield return new("access.revoke", AccessScope.Manage, "Takes tokens, or what stands behind them, no longer; sessions with them end within seconds.",
            [
                new("tokens", ParameterKind.TextList, "Ids of tokens (jti).", Maximum: MaxNames),
                new("holders", ParameterKind.TextList, "Thumbprints (RFC 7638) of keys that tokens are bound to.", Maximum: MaxNames),
                new("keys", ParameterKind.TextList, "Names (kid) or thumbprints of keys that sign tokens.", Maximum: MaxNames),
                new("issuer", ParameterKind.Text, "With before: whose older tokens are taken no longer.", Minimum: 1, Maximum: RevocationList.MaxName),
                new("before", ParameterKind.Integer, "When a token of that issuer has to be issued at the earliest, Unix time.", Minimum: 0, Maximum: 253_402_300_799, Unit: "s"),
            ],
            call => RevokeAsync(call, revocations));
        yield return ControlMethod.Immediate("access.revocations", AccessScope.Manage, "Lists what is revoked, in pages.",
            [
                new("offset", ParameterKind.Integer, "How many to pass over.", Minimum: 0, Maximum: int.MaxValue),
                new("limit", ParameterKind.Integer, "How many to list.", Minimum: 1, Maximum: MaxPage),
            ],
            call => List(call, revocations));
    }

    private static async ValueTask<ControlError?> RevokeAsync(ControlCall call, Revocations revocations)
    {
        var arguments = call.Arguments;
        IReadOnlyList<string> tokens = arguments.Texts("tokens") ?? [], holders = arguments.Texts("holders") ?? [], keys = arguments.Texts("keys") ?? [];
        var (issuer, before) = (arguments.Text("issuer"), arguments.Integer("before"));
        if (tokens.Concat(holders).Concat(keys).Any(static name => name.Length is 0 or > RevocationList.MaxName))
            return ControlError.BadParameters($"a name has 1 to {RevocationList.MaxName} characters");
        if ((issuer is null) != (before is null))
            return ControlError.BadParameters("issuer and before go together");
        if (tokens.Count + holders.Count + keys.Count == 0 && issuer is null)
            return ControlError.BadParameters("nothing is named that could be revoked");

        var more = new RevocationList(
            RevocationList.Names(tokens), RevocationList.Names(holders), RevocationList.Names(keys),
            issuer is null ? RevocationList.Empty.Before : new Dictionary<string, long>(StringComparer.Ordinal) { [issuer] = before!.Value });
        var caller = call.Caller.Access;
        if (caller.Origin is { } own && more.Find(own, caller.Holder) != AccessRefusal.None)
            return ControlError.BadParameters("the caller's own token is among it, and nothing could be put right with it then; use another token, or security.revokedFile");

        // Not on the caller's thread: that may be the loop that sends the pictures, and a disk is slow.
        if (await Task.Run(() => revocations.Add(more)) is { } problem)
            return ControlError.Unavailable(problem, "access.revocations tells what is in force");
        call.Result.WriteStartObject();
        call.Result.WriteNumber("count", revocations.Told.Count);
        call.Result.WriteNumber("capacity", Revocations.MaxEntries);
        call.Result.WriteEndObject();
        return null;
    }

    private static ControlError? List(ControlCall call, Revocations revocations)
    {
        (string Origin, string Kind, string Name, long Time)[] all = [.. Entries("file", revocations.Filed), .. Entries("remote", revocations.Told)];
        var offset = (int)(call.Arguments.Integer("offset") ?? 0);
        call.Result.WriteStartObject();
        call.Result.WriteNumber("count", all.Length);
        call.Result.WriteStartArray("revocations");
        foreach (var (origin, kind, name, time) in all.Skip(offset).Take((int)(call.Arguments.Integer("limit") ?? MaxPage)))
        {
            call.Result.WriteStartObject();
            call.Result.WriteString("kind", kind);
            call.Result.WriteString("name", name);
            call.Result.WriteString("origin", origin);
            if (time != RevocationList.Ever)
                call.Result.WriteNumber(kind == "issuer" ? "before" : "until", time);
            call.Result.WriteEndObject();
        }

        call.Result.WriteEndArray();
        call.Result.WriteEndObject();
        return null;
    }

    private static IEnumerable<(string Origin, string Kind, string Name, long Time)> Entries(string origin, RevocationList list) =>
        new[] { ("token", list.Tokens), ("holder", list.Holders), ("key", list.Keys), ("issuer", list.Before) }
            .SelectMany(kind => kind.Item2.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(entry => (origin, kind.Item1, entry.Key, entry.Value)));
}
