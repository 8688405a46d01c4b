using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>
/// What a caller may do, in the namespace <c>session</c>: <c>session.access</c> tells it, <c>session.renew</c> puts another token in its place,
/// the notification <c>session.accessExpires {"expiresIn"}</c> comes a minute before the end, and <c>session.accessEnded {"reason", "cause"}</c>
/// where the token was revoked.
/// </summary>
internal static class AccessMethods
{
    private const int MaxText = 128;

    /// <summary>Of one viewer: each costs the loop that sends the pictures two signatures to verify.</summary>
    private const double RenewalsPerSecond = 0.5;
    private const int RenewalBurst = 4;
    private const int MaxRenewing = 1024;

    public static IEnumerable<ControlMethod> Create(AccessPolicy policy, ViewerAccess viewers, TimeProvider time)
    {
        var renewals = new ClientLimiter(RenewalsPerSecond, RenewalBurst, MaxRenewing, time);
        yield return ControlMethod.Immediate("session.access", AccessScope.View, "Tells what the caller may do, and for how many seconds.", [], call =>
        {
            var grant = call.Caller.Access;
            call.Result.WriteStartObject();
            call.Result.WriteString("subject", grant.Name);
            WriteGrant(call.Result, grant, time);
            call.Result.WriteEndObject();
            return null;
        });
        yield return ControlMethod.Immediate(
            "session.renew", AccessScope.View, "Takes a further token for this session; what it allows holds at once.",
            [
                new("token", ParameterKind.Text, "The token.", IsRequired: true, 1, TokenVerifier.MaxLength),
                new("nonce", ParameterKind.Text, "16 random bytes or more, base64url.", Maximum: MaxText),
                new("time", ParameterKind.Integer, "When the proof was made.", Unit: "s"),
                new("proof", ParameterKind.Text, "The signature by the token's key over edgecam-renew-v1, device, session, the offer's fingerprint, nonce and time.", Maximum: MaxText),
            ],
            call => Renew(call, policy, viewers, renewals, time));
    }

    public static byte[] Expires(TimeSpan left) => Notification.Create("session.accessExpires", writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("expiresIn", Seconds(left));
        writer.WriteEndObject();
    });

    public static byte[] Ended(AccessRefusal why) => Notification.Create("session.accessEnded", writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("reason", why.InWords());
        writer.WriteString("cause", why.Word());
        writer.WriteEndObject();
    });

    private static ControlError? Renew(ControlCall call, AccessPolicy policy, ViewerAccess viewers, ClientLimiter renewals, TimeProvider time)
    {
        if (call.Caller.Session is null || viewers.Find(call.Caller.Id) is not { } session)
            return ControlError.BadParameters("only a viewer's own data channel carries it");
        if (!renewals.TryTake(call.Caller.Id, cost: 1, out _))
            return ControlError.TooMany;

        var arguments = call.Arguments;
        var given = new Credentials(arguments.Text("token"), arguments.Text("nonce"), arguments.Integer("time"), arguments.Text("proof"));
        var name = call.Caller.Id[(call.Caller.Id.LastIndexOf('/') + 1)..]; // a session by MQTT has its client's name before it
        var admission = policy.AdmitRenewal(session.Grant.Name, name, session.Fingerprint, given, wasBound: session.Grant.Holder is not null);
        if (admission.Grant is not { } grant)
            return ControlError.Expired with { Message = $"Forbidden: {admission.Message}", Remedy = null, Scope = admission.Missing == AccessScope.None ? null : AccessScopes.Word(admission.Missing) };
        if (!viewers.TryRenew(call.Caller.Id, grant))
            return ControlError.BadParameters("the session has ended");
        call.Result.WriteStartObject();
        WriteGrant(call.Result, grant, time);
        call.Result.WriteEndObject();
        return null;
    }

    private static void WriteGrant(Utf8JsonWriter writer, AccessGrant grant, TimeProvider time)
    {
        if (grant.Expires is { } expires)
            writer.WriteNumber("expiresIn", Seconds(expires.Left(time)));
        else
            writer.WriteNull("expiresIn");
        writer.WriteStartArray("scopes");
        foreach (var scope in AccessScopes.Words(grant.Scopes))
            writer.WriteStringValue(scope);
        writer.WriteEndArray();
    }

    private static long Seconds(TimeSpan left) => Math.Max(0, (long)left.TotalSeconds);
}
