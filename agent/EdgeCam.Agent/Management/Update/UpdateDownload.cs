using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// Fetches an archive over HTTP or HTTPS into a file, and goes on where it ended (RFC 9110 §14): after a broken connection, a stall, a
/// restart. What is in the file counts only once its size and SHA-256 are those of the manifest; a mirror that changed it meanwhile costs one
/// more download from the beginning.
/// </summary>
/// <remarks>Left out: proxies, cookies, compression on the way, several ranges at once, If-Range (the hash decides).</remarks>
internal sealed class UpdateDownload(HttpMessageInvoker http, TimeProvider time, Func<double> random, ILogger log)
{
    public const int MaxRedirects = 3;

    /// <summary>How long it is tried for, whatever goes wrong.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>A server that gives no answer, or no further bytes, for so long is left.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private const int MaxMismatches = 2;
    private const int Block = 64 * 1024; // bytes
    private const string Again = "Look at the server and the device's network; then install it again.";

    /// <summary>What such a download needs of HTTP, and no more: no variable of the environment has a say.</summary>
    public static HttpMessageInvoker CreateHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false, UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(15), MaxResponseHeadersLength = 32, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
    });

    /// <summary>Whether an address may be asked at all.</summary>
    public static UpdateRefusal? CheckUrl(string text, out Uri url)
    {
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out url!);
        if (!isUrl || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return new(UpdateReasons.BadUrl, "the address must begin with https:// or http://", "Name where the archive is hosted.");
        return url.UserInfo.Length == 0 ? null : new(UpdateReasons.BadUrl, "the address holds a user's name or password, which would go into logs on the way", "Leave it out; the archive is signed and need not be secret.");
    }

    /// <param name="file">Holds what was had so far, and afterwards all of it.</param>
    /// <param name="had">Told how many bytes there are. Must not wait.</param>
    /// <returns>Null: the file is the one that is meant.</returns>
    /// <exception cref="OperationCanceledException">Stopped; what was had is kept.</exception>
    public async Task<UpdateRefusal?> FetchAsync(Uri url, UpdateManifest manifest, string file, Action<long> had, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var backOff = new BackOff(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60), random);
        var mismatches = 0;
        while (true)
        {
            var before = Length(file);
            var isMixed = before > 0; // of several answers
            var (final, problem) = before < manifest.Size ? await AttemptAsync(url, manifest.Size, file, had, stop) : (null, null);
            if (final is null && problem is null)
            {
                if (Length(file) == manifest.Size && await HashAsync(file, stop) == manifest.Sha256)
                    return null;
                File.Delete(file);
                if (!isMixed || ++mismatches == MaxMismatches)
                    return new(UpdateReasons.WrongHash, "what the server gives is not the archive of the manifest: its SHA-256 differs", "Upload the archive that was signed, or sign the one that is there.");
                problem = "what was had of it does not fit together: it is begun anew";
            }
            else if (Length(file) > before)
            {
                backOff.Reset();
            }

            if (final is not null)
                return final;
            var wait = backOff.Next();
            if (time.GetElapsedTime(began) + wait > Longest)
                return new(UpdateReasons.DownloadFailed, $"it could not be had within {Longest.TotalHours:F0} hours; lastly: {problem}", Again);
            log.DownloadInterrupted(url.Host, problem!, wait.TotalSeconds);
            await Task.Delay(wait, time, stop);
        }
    }

    private static long Length(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;

    private static async Task<string> HashAsync(string file, CancellationToken stop)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, Block, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop));
    }

    /// <returns>Why it is of no use to go on; or why this attempt came to nothing; or neither: all bytes are there.</returns>
    private async Task<(UpdateRefusal? Final, string? Problem)> AttemptAsync(Uri url, long size, string file, Action<long> had, CancellationToken stop)
    {
        using var stall = new CancellationTokenSource(Stall, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, stall.Token);
        try
        {
            var from = Length(file);
            var (response, refusal) = await AskAsync(url, from, ended.Token);
            using (response)
            {
                if (refusal is not null)
                    return (refusal, null);
                return await TakeAsync(response!, from, size, file, had, stall, ended.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"no answer, or no further bytes, for {Stall.TotalSeconds:F0} s");
        }
        catch (IOException full) when (UpdateRules.IsDiskFull(full))
        {
            File.Delete(file);
            return (UpdateRules.NoSpace(full.Message), null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or AuthenticationException or UriFormatException)
        {
            return (null, failure.GetBaseException().Message);
        }
    }

    /// <summary>Asks for the rest, and follows where it is led.</summary>
    private async Task<(HttpResponseMessage? Response, UpdateRefusal? Refusal)> AskAsync(Uri url, long from, CancellationToken stop)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("edgecam", null));
            request.Headers.AcceptEncoding.Add(new("identity"));
            if (from > 0)
                request.Headers.Range = new(from, null);
            var response = await http.SendAsync(request, stop);
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
                return (response, null);
            using (response)
            {
                if (redirects == MaxRedirects)
                    return (null, new(UpdateReasons.DownloadRefused, $"the server leads on more than {MaxRedirects} times", "Name the place itself."));
                if (response.Headers.Location is not { } location)
                    return (null, new(UpdateReasons.DownloadRefused, "the server leads on, and does not say where", "Name the place itself."));
                var next = new Uri(url, location);
                if (CheckUrl(next.AbsoluteUri, out _) is not null || (url.Scheme == "https" && next.Scheme != "https"))
                    return (null, new(UpdateReasons.DownloadRefused, "the server leads to an address that is not taken: another scheme, a password in it, or from https to http", "Name the place itself."));
                url = next;
            }
        }
    }

    private static async Task<(UpdateRefusal?, string?)> TakeAsync(HttpResponseMessage response, long from, long size, string file, Action<long> had, CancellationTokenSource stall, CancellationToken ended)
    {
        var code = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(file); // the server's is shorter than what we have
            return from > 0 ? (null, "the server has not as much of it as was had: it is begun anew") : (WrongSize(0, size), null);
        }

        if (code is not (200 or 206))
        {
            return code is >= 400 and < 500 and not (408 or 425 or 429)
                ? (new(UpdateReasons.DownloadRefused, string.Create(CultureInfo.InvariantCulture, $"the server answers {code}"), "Look at the address, and whether the archive is there for all to read."), null)
                : (null, string.Create(CultureInfo.InvariantCulture, $"the server answers {code}"));
        }

        var range = response.Content.Headers.ContentRange;
        if (code == 206 && range?.From != from)
            return (null, "the server gives another part than it was asked for");
        var position = code == 206 ? from : 0; // 200: it knows no ranges, and begins anew
        var total = code == 206 ? range!.Length : response.Content.Headers.ContentLength;
        if (total is { } told && told != size)
            return (WrongSize(told, size), null);

        await using var body = await response.Content.ReadAsStreamAsync(ended);
        await using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        stream.SetLength(position);
        stream.Position = position;
        var block = new byte[Block];
        while (true)
        {
            stall.CancelAfter(Stall);
            var read = await body.ReadAsync(block, ended);
            if (read == 0)
                break;
            if (position + read > size)
            {
                stream.SetLength(0);
                return (WrongSize(position + read, size), null);
            }

            await stream.WriteAsync(block.AsMemory(0, read), ended);
            had(position += read);
        }

        stream.Flush(flushToDisk: true);
        return position == size ? (null, null) : (null, $"the connection ended after {position} of {size} bytes");
    }

    private static UpdateRefusal WrongSize(long found, long size) =>
        new(UpdateReasons.WrongSize, $"the server's file has {found} bytes or more, and the manifest says {size}", "Upload the archive that was signed, or sign the one that is there.");
}
