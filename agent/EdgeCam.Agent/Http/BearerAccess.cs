using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>Tokens in the Authorization header (RFC 6750 §2.1); not in the query, which stands in logs.</summary>
/// <param name="isProxied">A reverse proxy stands in front: whom it brings, it need not say.</param>
internal sealed class BearerAccess(AccessPolicy policy, bool isProxied, DropCounters drops)
{
    private const string Scheme = "Bearer ";

    public static bool IsLoopback(HttpContext context) => context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote);

    /// <summary>The request may see how the device fares: access is open, it comes from this machine and no proxy brought it, or it has a manager's token.</summary>
    public bool MayMeasure(HttpContext context) => policy.IsOpen || IsOfThisMachine(context) || (TokenOf(context.Request) is not null && Admit(context, AccessScope.Manage).Grant is not null);

    /// <summary>Counts a refusal of whoever checks more than the token.</summary>
    public AccessRefusal Counted(AccessRefusal refusal) => policy.Counted(refusal);

    private bool IsOfThisMachine(HttpContext context) =>
        !isProxied && IsLoopback(context) && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    /// <summary>The grant; or null, and the refusal is written.</summary>
    public async Task<AccessGrant?> AdmitAsync(HttpContext context, AccessScope needed)
    {
        var admission = Admit(context, needed);
        if (admission.Grant is not null)
            return admission.Grant;

        drops.Count(Stage.Signaling, DropReason.Forbidden);
        if (admission.Code == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "10"; // the token may be good: the clock is not
        else
            context.Response.Headers.WWWAuthenticate = Challenge(admission, TokenOf(context.Request), needed);
        await Problem.WriteAsync(context, admission.Code, admission.Message);
        return null;
    }

    /// <summary>A proxy on this machine stands for its own side: whether that is encrypted is its operator's to see to.</summary>
    private Admission Admit(HttpContext context, AccessScope needed) =>
        policy.AdmitBearer("HTTP", TokenOf(context.Request), context.Request.IsHttps || IsLoopback(context), needed);

    /// <summary>RFC 6750 §3: without a token the challenge names no error.</summary>
    private static string Challenge(Admission admission, string? token, AccessScope needed)
    {
        var scope = $"scope=\"{AccessScopes.Word(needed)}\"";
        if (token is null)
            return $"Bearer realm=\"edgecam\", {scope}";
        var error = admission.Refusal == AccessRefusal.MissingScope ? "insufficient_scope" : "invalid_token";
        return $"Bearer realm=\"edgecam\", error=\"{error}\", error_description=\"{admission.Message}\", {scope}";
    }

    private static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }
}
