using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace EdgeCam.Agent.Publishing;

/// <summary>A WHIP client's requests (RFC 9725): POST the offer, PATCH candidates and restarts, DELETE at the end. Bounded in size and time.</summary>
/// <remarks>
/// A token is told to the server that the operator named and to the session that this one made, never to another that a redirect leads to, as browsers do.
/// Left out: ICE servers in Link headers (§4.6; the device's own STUN and TURN servers are used, and where that fails the operator is told of the server's), OPTIONS before the offer, extensions (§4.9).
/// </remarks>
internal sealed class WhipClient(WhipHttp http, TimeProvider time)
{
    public const int MaxRedirects = 3;
    public const int MaxAnswer = 65_536; // bytes

    /// <summary>For a whole exchange, redirects and body included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>What a server may ask for at most: a device that is told to wait for a year is lost.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(5); // the picture stands meanwhile, and another connection would be there in as long
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private const string FragmentType = "application/trickle-ice-sdpfrag";
    private const string SdpType = "application/sdp";

    /// <summary>Offers, and gives the server's answer.</summary>
    /// <exception cref="WhipException">There is none.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public Task<WhipSession> PublishAsync(Uri endpoint, string? token, string offer, CancellationToken stop) =>
        WithinAsync(Patience, ending => OfferAsync(endpoint, token, offer, ending), stop);

    /// <summary>Tells the server a fragment (RFC 8840 §9): candidates, or where it restarts ICE new credentials.</summary>
    /// <returns>What the server answers to a restart, empty for candidates; null: it does not take that.</returns>
    /// <exception cref="WhipException">It cannot be reached.</exception>
    public Task<string?> PatchAsync(WhipSession session, string fragment, bool restarts, CancellationToken stop) => WithinAsync<string?>(restarts ? s_restart : Patience, async ending =>
    {
        if (session.Resource is not { } resource)
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Patch, resource) { Content = Content(fragment, FragmentType) };
        Authorize(request, session.Token);
        if (restarts)
            request.Headers.TryAddWithoutValidation("If-Match", "*"); // RFC 9725 §4.3.3
        else if (session.EntityTag is { } tag)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await http.Invoker.SendAsync(request, ending);
        if (restarts && response is { StatusCode: HttpStatusCode.OK, Headers.ETag: { } next })
            session.EntityTag = next.ToString();
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await ReadAsync(response, ending),
            HttpStatusCode.NoContent when !restarts => "",
            _ => null,
        };
    }, stop);

    /// <summary>Ends the session, as far as the server can be reached; waits for two seconds at most, whatever else is stopped.</summary>
    /// <returns>Null, or why the server was not told.</returns>
    public async Task<string?> EndAsync(WhipSession session)
    {
        if (session.Resource is not { } resource)
            return "the server named no address for that";
        try
        {
            return await WithinAsync(s_farewell, async ending =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Delete, resource);
                Authorize(request, session.Token);
                using var response = await http.Invoker.SendAsync(request, ending);
                return response.IsSuccessStatusCode ? null : $"it answers {(int)response.StatusCode}";
            }, CancellationToken.None);
        }
        catch (WhipException failure)
        {
            return failure.Message;
        }
    }

    /// <summary>Without a charset: there are servers that compare the type as text.</summary>
    private static ByteArrayContent Content(string text, string type) => new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new(type) } };

    private static void Authorize(HttpRequestMessage request, string? token)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("edgecam", null));
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
    }

    private static bool IsSameServer(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority == other.Authority;

    /// <summary>RFC 9110 §10.2.2: relative to what was asked.</summary>
    private static Uri? Resolve(Uri asked, Uri? location)
    {
        if (location is null || !Uri.TryCreate(asked, location, out var target) || target.Scheme is not ("http" or "https") || target.UserInfo.Length > 0)
            return null;
        return target.Scheme == "http" && (asked.Scheme == "https" || (asked.IsLoopback && !target.IsLoopback)) ? null : target; // never less safe than before
    }

    private static bool NamesRelays(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links) && links.Any(static link => link.Contains("ice-server", StringComparison.Ordinal) && link.Contains("<turn", StringComparison.OrdinalIgnoreCase));

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        var bytes = new byte[MaxAnswer + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
        return length <= MaxAnswer ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new WhipException($"the server's answer has more than {MaxAnswer / 1024} KiB: publish[].to must name a WHIP endpoint");
    }

    private async Task<WhipSession> OfferAsync(Uri endpoint, string? token, string offer, CancellationToken stop)
    {
        var (asked, told) = (endpoint, token);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, asked) { Content = Content(offer, SdpType) };
            Authorize(request, told);
            request.Headers.Accept.Add(new(SdpType));
            using var response = await http.Invoker.SendAsync(request, stop);
            if (response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            {
                if (redirects == MaxRedirects)
                    throw new WhipException($"the server leads on more than {MaxRedirects} times: name the place itself in publish[].to");
                asked = Resolve(asked, response.Headers.Location)
                    ?? throw new WhipException("the server leads on to no address that is taken (none, one with a password, or one less safe than before): name the place itself in publish[].to");
                told = IsSameServer(endpoint, asked) ? token : null;
                continue;
            }

            if (response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.OK))
                throw new WhipException($"the server {WhipWords.Refused(response.StatusCode, told is not null, lostToken: token is not null && told is null)}", RetryAfter(response));
            var resource = Resolve(asked, response.Headers.Location);
            if (response.Content.Headers.ContentType?.MediaType?.Equals(SdpType, StringComparison.OrdinalIgnoreCase) != true)
                throw new WhipException($"the server's answer is no {SdpType}: publish[].to must name a WHIP endpoint, not a page or a player");
            return new(await ReadAsync(response, stop), resource, response.Headers.ETag?.ToString(), told, NamesRelays(response));
        }
    }

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    /// <summary>One exchange: what goes wrong comes out in words.</summary>
    private async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> exchange, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            return await exchange(ended.Token);
        }
        catch (OperationCanceledException failure) when (!stop.IsCancellationRequested)
        {
            throw new WhipException($"the server does not answer within {limit.TotalSeconds:F0} s: check its address, and the firewalls between", inner: failure);
        }
        catch (Exception failure) when (failure is HttpRequestException { InnerException: AuthenticationException } or AuthenticationException)
        {
            throw new WhipException($"no TLS with the server: {http.NotTrusted ?? failure.GetBaseException().Message}", inner: failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or UriFormatException)
        {
            throw new WhipException($"the server cannot be reached ({failure.GetBaseException().Message}): check its address in publish[].to, and that it runs", inner: failure);
        }
    }
}
