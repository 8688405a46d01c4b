using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>WHEP (draft-ietf-wish-whep): <c>POST /whep/{camera}</c>, then <c>PATCH</c> and <c>DELETE</c> on what it created.</summary>
/// <remarks>
/// A PATCH with other credentials restarts ICE as RFC 9725 §4.3.3 says; one without If-Match is taken for the present ICE session.
/// A token comes in the header and signs nothing, so where access is <c>tokens</c> it has to be one that is bound to no key
/// (<c>edgecam token --bearer</c>), by https or from this machine: no broker lies in between that could have seen it.
/// Left out: server-sent events, layers, offers made by us.
/// </remarks>
/// <param name="isProxied">A reverse proxy stands in front: who the client is, stands in X-Forwarded-For.</param>
/// <param name="quota">How much one viewer may have; where nobody has a token, none is told from another. Null: as much as it likes.</param>
internal sealed class Whep(
    IWhepGateway gateway, BearerAccess access, Func<string, Deadline?, IceServerGrant> iceServers, int maxSessions, bool isProxied, DropCounters drops, ViewerQuota? quota = null)
{
    private const string Sdp = "application/sdp";
    private const string Fragment = "application/trickle-ice-sdpfrag";

    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, WhepSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>A quarter of the places is for one client's unconnected sessions.</summary>
    private readonly PendingOffers _pending = new(Math.Max(4, maxSessions / 4));

    public int Sessions => _sessions.Count;

    /// <summary>The token of a session has expired; one that is not ours is left alone.</summary>
    public void Expire(string id)
    {
        if (!_sessions.TryRemove(id, out var session))
            return;
        Release(session);
        gateway.Close(id);
    }

    /// <param name="path">What follows <c>/whep/</c>: a camera, or a camera and a session.</param>
    public async Task HandleAsync(HttpContext context, string path)
    {
        var isFree = HttpMethods.IsOptions(context.Request.Method); // it tells what WHEP is, and asks nothing of us
        var grant = isFree ? AccessGrant.Nothing : await access.AdmitAsync(context, AccessScope.View);
        if (grant is not null)
            await HandleAsync(context, path, grant);
    }

    private Task HandleAsync(HttpContext context, string path, AccessGrant grant)
    {
        var levels = path.Split('/');
        var method = context.Request.Method;
        return levels switch
        {
            [{ Length: > 0 } camera] when HttpMethods.IsPost(method) => CreateAsync(context, camera, grant),
            [{ Length: > 0 }] when HttpMethods.IsOptions(method) => Options(context, "OPTIONS, POST"),
            [{ Length: > 0 }] => Problem.NotAllowedAsync(context, "OPTIONS, POST"),
            [_, _] when HttpMethods.IsOptions(method) => Options(context, "OPTIONS, PATCH, DELETE"),
            [_, _] when !HttpMethods.IsPatch(method) && !HttpMethods.IsDelete(method) => Problem.NotAllowedAsync(context, "OPTIONS, PATCH, DELETE"),
            [var camera, var id] when _sessions.TryGetValue(id, out var session) && session.Camera == camera =>
                HttpMethods.IsDelete(method) ? Delete(context, session) : PatchAsync(context, session),
            [_, _] => Refuse(context, DropReason.UnknownSession, 404, "there is no such session, or no longer"),
            _ => Refuse(context, DropReason.Unsupported, 404, "write /whep/ and the camera's name"),
        };
    }

    private static Task Options(HttpContext context, string allow)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Allow = allow;
        context.Response.Headers["Accept-Post"] = Sdp;
        return Task.CompletedTask;
    }

    private async Task CreateAsync(HttpContext context, string camera, AccessGrant grant)
    {
        if (!RequestBody.Is(context.Request, Sdp))
        {
            context.Response.Headers["Accept-Post"] = Sdp;
            await Refuse(context, DropReason.Malformed, 415, $"send the offer as {Sdp}");
            return;
        }

        if (await RequestBody.ReadAsync(context.Request, context.RequestAborted) is not { } offer)
        {
            await Refuse(context, DropReason.Oversized, 413, $"an offer may have {RequestBody.Max} bytes");
            return;
        }

        var viewer = quota is null ? null : grant.Viewer;
        if (viewer is not null && quota!.TakeOffer(viewer) is not AccessRefusal.None and var excess)
        {
            context.Response.Headers.RetryAfter = "5";
            await Refuse(context, DropReason.RateLimited, access.Counted(excess));
            return;
        }

        if (_pending.TryAdd(ClientOf(context)) is not { } pending)
        {
            context.Response.Headers.RetryAfter = "5";
            await Refuse(context, DropReason.RateLimited, 429, "too many of your offers are not connected yet; connect or delete them first");
            return;
        }

        var place = viewer is null ? null : quota!.TryEnter(viewer);
        if (viewer is not null && place is null)
        {
            pending.Dispose();
            await Refuse(context, DropReason.TooMany, access.Counted(AccessRefusal.TooManySessions));
            return;
        }

        var session = new WhepSession(Unguessable(), camera, $"\"{Unguessable()}\"", UsernameFragmentOf(offer), pending, place);
        if (_sessions.Count >= maxSessions || !_sessions.TryAdd(session.Id, session))
        {
            Release(session);
            context.Response.Headers.RetryAfter = "5";
            await Refuse(context, DropReason.TooMany, 429, "as many viewers as there may be (peers.maxViewers); try again later");
            return;
        }

        WhepAnswer answer;
        try
        {
            answer = await AnswerAsync(new(session.Id, grant, camera, offer, pending.Dispose, Closed), context.RequestAborted);
        }
        catch
        {
            Closed(); // our own bug costs no place
            throw;
        }

        if (answer.Sdp is null)
        {
            Closed();
            await RefuseOffer(context, answer);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = Sdp;
        context.Response.Headers.Location = $"/whep/{Uri.EscapeDataString(camera)}/{session.Id}";
        context.Response.Headers.ETag = session.EntityTag;
        context.Response.Headers["Accept-Patch"] = Fragment;
        context.Response.Headers.Link = IceServerLinks.Of(iceServers($"whep-{Unguessable()[..8]}", grant.Expires));
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(answer.Sdp, context.RequestAborted);

        void Closed()
        {
            _sessions.TryRemove(session.Id, out _);
            Release(session);
        }
    }

    private async Task<WhepAnswer> AnswerAsync(WhepOffer offer, CancellationToken aborted)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        timeout.CancelAfter(s_answerTimeout);
        try
        {
            return await gateway.OfferAsync(offer, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            gateway.Close(offer.Session);
            return WhepAnswer.Refuse(408, "the answer took too long; try again");
        }
    }

    private async Task PatchAsync(HttpContext context, WhepSession session)
    {
        var ifMatch = context.Request.Headers.IfMatch.ToString();
        if (!RequestBody.Is(context.Request, Fragment))
        {
            context.Response.Headers["Accept-Patch"] = Fragment;
            await Refuse(context, DropReason.Malformed, 415, $"send candidates as {Fragment}");
        }
        else if (await RequestBody.ReadAsync(context.Request, context.RequestAborted) is not { } body)
        {
            await Refuse(context, DropReason.Oversized, 413, $"a fragment may have {RequestBody.Max} bytes");
        }
        else if (!SdpFragment.TryParse(body, out var fragment))
        {
            await Refuse(context, DropReason.Malformed, 400, "the fragment is not what RFC 8840 says");
        }
        else if (ifMatch is not ("" or "*") && ifMatch != session.EntityTag)
        {
            await Refuse(context, DropReason.Malformed, 412, "If-Match is not this ICE session's ETag");
        }
        else if (ifMatch == "*" || (fragment.UsernameFragment is { } other && other != session.UsernameFragment))
        {
            await RestartAsync(context, session, fragment);
        }
        else
        {
            foreach (var candidate in fragment.Candidates)
                gateway.AddCandidate(session.Id, candidate);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private async Task RestartAsync(HttpContext context, WhepSession session, SdpFragment fragment)
    {
        if (!fragment.HasCredentials || fragment.UsernameFragment == session.UsernameFragment)
        {
            await Refuse(context, DropReason.Malformed, 422, "an ICE restart needs a new a=ice-ufrag and a=ice-pwd");
            return;
        }

        var next = session with { EntityTag = $"\"{Unguessable()}\"", UsernameFragment = fragment.UsernameFragment! };
        if (!_sessions.TryUpdate(session.Id, next, session))
        {
            await Refuse(context, DropReason.Malformed, 412, "another restart was quicker, or the session ended");
            return;
        }

        var answer = await gateway.RestartAsync(new(session.Id, fragment.UsernameFragment!, fragment.Password!, fragment.Candidates), context.RequestAborted);
        if (answer.Sdp is null)
        {
            _sessions.TryUpdate(session.Id, session, next);
            var isLater = answer.Code is 429 or 503;
            if (isLater)
                context.Response.Headers.RetryAfter = "1";
            await Refuse(context, isLater ? DropReason.TooMany : DropReason.UnknownSession, isLater ? answer.Code : 409, answer.Message);
            return;
        }

        context.Response.ContentType = Fragment;
        context.Response.Headers.ETag = next.EntityTag;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(answer.Sdp, context.RequestAborted);
    }

    private Task Delete(HttpContext context, WhepSession session)
    {
        if (_sessions.TryRemove(session.Id, out _))
        {
            Release(session);
            gateway.Close(session.Id);
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private Task RefuseOffer(HttpContext context, WhepAnswer answer)
    {
        var (status, reason) = answer.Code switch
        {
            480 => (StatusCodes.Status409Conflict, DropReason.CameraNotReady), // what the draft says for a stream that is not live yet
            404 => (404, DropReason.UnknownCamera),
            429 => (429, DropReason.TooMany),
            408 => (408, DropReason.Expired),
            401 or 403 => (answer.Code, DropReason.Forbidden),
            503 => (503, DropReason.QueueFull),
            _ => (400, DropReason.RefusedOffer),
        };
        if (status is 409 or 429 or 503)
            context.Response.Headers.RetryAfter = "1";
        return Refuse(context, reason, status, answer.Message);
    }

    private static void Release(WhepSession session)
    {
        session.Pending.Dispose();
        session.Place?.Dispose();
    }

    private Task Refuse(HttpContext context, DropReason reason, AccessRefusal refusal) => Refuse(context, reason, refusal.Code(), refusal.InWords());

    private Task Refuse(HttpContext context, DropReason reason, int status, string message)
    {
        drops.Count(Stage.Signaling, reason);
        return Problem.WriteAsync(context, status, message);
    }

    /// <summary>Of a proxy's header the last entry, which the proxy on this machine wrote itself; all else anyone may have made up.</summary>
    private string ClientOf(HttpContext context)
    {
        var forwarded = isProxied && BearerAccess.IsLoopback(context) ? context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim() : "";
        return forwarded.Length is > 0 and <= 64 ? forwarded : context.Connection.RemoteIpAddress?.ToString() ?? "";
    }

    private static string Unguessable() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private static string UsernameFragmentOf(string offer)
    {
        const string Attribute = "a=ice-ufrag:";
        var line = offer.Split('\n').FirstOrDefault(line => line.StartsWith(Attribute, StringComparison.OrdinalIgnoreCase));
        return line is null ? "" : line[Attribute.Length..].Trim();
    }
}
