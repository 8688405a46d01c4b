using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Publishing;

/// <summary>
/// One output: publishes its camera to a server by WHIP for as long as the agent runs. Whatever ends the connection, it is made anew, after a wait
/// of full jitter whose bound doubles up to a minute and begins anew once a connection has lived for half a minute.
/// </summary>
/// <param name="openHttp">Makes the HTTP side of one connection; throws <see cref="WhipException"/> where a file of it cannot be used.</param>
/// <param name="tell">Takes JSON for <c>event/publish</c>. Must not wait.</param>
internal sealed class Publisher(
    PublishOptions options, IOutputPeers peers, Func<WhipHttp> openHttp, Action<byte[]> tell, PublishMetrics metrics, TimeProvider time, Func<double> random, ILogger log, Progress progress)
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_noPicture = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_sign = TimeSpan.FromSeconds(5); // of life, while nothing happens
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20); // an exchange by HTTP is shorter

    private static readonly TimeSpan s_newPath = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private volatile OutputReport _report = new(options.Name, options.Camera, "connecting", null);
    private string? _toldProblem;

    /// <summary>As it is now; from any thread.</summary>
    public OutputReport Report => _report;

    public async Task RunAsync(CancellationToken stop)
    {
        var backOff = new BackOff(s_firstWait, s_longestWait, random);
        try
        {
            while (true)
            {
                var end = await PublishAsync(stop);
                stop.ThrowIfCancellationRequested();
                if (end.Lived >= s_stable)
                    backOff.Reset();
                HandleEnd(end);
                var wait = end.Kind switch
                {
                    PublishEndKind.NoPicture => s_noPicture,
                    PublishEndKind.Moved when end.Lived >= s_stable => TimeSpan.Zero,
                    _ when backOff.Next() is var jitter && jitter > end.RetryAfter => jitter,
                    _ => end.RetryAfter + (s_firstWait * random()), // as told, and not all at once
                };
                if (wait > s_noPicture)
                    log.PublishWaits(options.Name, Math.Round(wait.TotalSeconds, 1));
                await PauseAsync(wait, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: the server was told.
        }

        progress.Rest();
    }

    /// <summary>One connection, from the offer to its end.</summary>
    private async Task<PublishEnd> PublishAsync(CancellationToken stop)
    {
        try
        {
            progress.Within(s_patience);
            var (offer, problem) = await peers.OfferAsync(options.Name, options.Camera, stop);
            if (offer is null)
                return new(problem, Kind: PublishEndKind.NoPicture);
            var (endpoint, token) = (ReadEndpoint(), ReadToken());
            if (_report.State != "failed")
                Set("connecting", endpoint, _report.Detail);
            using var http = openHttp();
            var whip = new WhipClient(http, time);
            progress.Within(s_patience);
            var session = await whip.PublishAsync(endpoint, token, offer.Sdp, stop);
            try
            {
                return await ConnectAsync(new(endpoint, whip, session, offer), stop);
            }
            finally
            {
                peers.Close(options.Name);
                progress.Within(s_patience);
                if (await whip.EndAsync(session) is { } unheard)
                    log.FarewellFailed(options.Name, unheard);
            }
        }
        catch (WhipException failure)
        {
            return new(failure.Message, RetryAfter: failure.RetryAfter);
        }
        catch (Exception fault) when (IsFault(fault))
        {
            return new("a fault of the device; its log has it");
        }
    }

    private async Task<PublishEnd> ConnectAsync(Connection connection, CancellationToken stop)
    {
        var mailbox = new OutputMailbox();
        if (await peers.ConnectAsync(options.Name, options.Camera, connection.Offer, connection.Session.Answer, mailbox) is { } problem)
            return new(problem);
        long? since = null;
        var trickles = connection.Session.Resource is not null;
        while (true)
        {
            switch (await NextAsync(mailbox, stop))
            {
                case OutputNews.Connected connected:
                    since = time.GetTimestamp();
                    HandlePublishing(connection.Endpoint, connected);
                    break;
                case OutputNews.Candidate first when trickles:
                    trickles = await TrickleAsync(connection, first, mailbox, stop);
                    break;
                case OutputNews.Restart when !await RestartAsync(connection, stop):
                    return new("the device's addresses changed", Lived(since), Kind: PublishEndKind.Moved);
                case OutputNews.Closed closed:
                    return new(Words(closed, since is not null, connection.Session.NamesRelays), Lived(since));
                default:
                    break;
            }
        }
    }

    /// <summary>What comes next, however long that takes: with a sign of life meanwhile.</summary>
    private async Task<OutputNews> NextAsync(OutputMailbox mailbox, CancellationToken stop)
    {
        while (true)
        {
            progress.Within(s_patience);
            if (mailbox.News.TryRead(out var news))
                return news;
            using var nap = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task waiting = mailbox.News.WaitToReadAsync(nap.Token).AsTask();
            await Task.WhenAny(waiting, Task.Delay(s_sign, time, nap.Token));
            await nap.CancelAsync();
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Tells the server what candidates there are by now.</summary>
    /// <returns>False where it takes none: it finds the path by our checks, as most servers do.</returns>
    private async Task<bool> TrickleAsync(Connection connection, OutputNews.Candidate first, OutputMailbox mailbox, CancellationToken stop)
    {
        List<string> candidates = [first.Line];
        while (mailbox.News.TryPeek(out var news) && news is OutputNews.Candidate more && mailbox.News.TryRead(out _))
            candidates.Add(more.Line);
        progress.Within(s_patience);
        try
        {
            return await connection.Whip.PatchAsync(connection.Session, TrickleFragment.Write(connection.Offer.Sdp, candidates), restarts: false, stop) is not null;
        }
        catch (WhipException)
        {
            return false; // whether the connection lives, ICE finds out
        }
    }

    /// <returns>False where the server restarts no ICE, or that leads to no path within five seconds: another connection is needed.</returns>
    private async Task<bool> RestartAsync(Connection connection, CancellationToken stop)
    {
        if (connection.Session.EntityTag is null || await peers.BeginRestartAsync(options.Name) is not { } fragment)
            return false;
        progress.Within(s_patience);
        try
        {
            if (await connection.Whip.PatchAsync(connection.Session, fragment, restarts: true, stop) is not { Length: > 0 } answer || !await peers.FinishRestartAsync(options.Name, answer))
                return false;
        }
        catch (WhipException)
        {
            return false;
        }

        for (var waited = TimeSpan.Zero; waited < s_newPath; waited += s_look)
        {
            if (await peers.HasPathAsync(options.Name))
            {
                log.PublishRestarted(options.Name);
                return true;
            }

            progress.Within(s_patience);
            await Task.Delay(s_look, time, stop);
        }

        return false; // not each server that says yes does it
    }

    private async Task PauseAsync(TimeSpan wait, CancellationToken stop)
    {
        for (; wait > TimeSpan.Zero; wait -= s_sign)
        {
            progress.Within(s_patience);
            await Task.Delay(wait < s_sign ? wait : s_sign, time, stop);
        }
    }

    private void HandlePublishing(Uri endpoint, OutputNews.Connected connected)
    {
        Set("publishing", endpoint, null);
        metrics.Count(options.Name, "published");
        log.Publishing(options.Name, options.Camera, endpoint.Authority, connected.Path, connected.Protection);
        _toldProblem = null;
        Tell("publishing");
    }

    /// <summary>A reason is told once, however often it is met.</summary>
    private void HandleEnd(PublishEnd end)
    {
        if (end.Kind == PublishEndKind.NoPicture)
        {
            _report = _report with { State = "waiting", Detail = end.Problem };
            return;
        }

        var was = end.Lived > TimeSpan.Zero;
        _report = _report with { State = "failed", Detail = end.Problem };
        if (!was)
            metrics.Count(options.Name, "failed");
        if (end.Problem == _toldProblem)
            return;
        _toldProblem = end.Problem;
        log.PublishFailed(options.Name, end.Problem);
        Tell(was ? "ended" : "failed", end.Problem, was ? (long)end.Lived.TotalSeconds : null);
    }

    private void Set(string state, Uri endpoint, string? detail) => _report = _report with { State = state, Server = endpoint.Authority, Detail = detail };

    private void Tell(string kind, string? detail = null, long? seconds = null)
    {
        long? now = DeviceClock.IsSet(time) ? time.GetUtcNow().ToUnixTimeMilliseconds() : null;
        tell(JsonSerializer.SerializeToUtf8Bytes(new(1, now, kind, options.Name, options.Camera, detail, seconds), PublishJson.Default.PublishEvent));
    }

    private TimeSpan Lived(long? since) => since is { } began ? time.GetElapsedTime(began) : TimeSpan.Zero;

    private bool IsFault(Exception fault)
    {
        if (fault is OperationCanceledException)
            return false;
        log.PublisherFaulted(options.Name, fault);
        return true;
    }

    private static string Words(OutputNews.Closed closed, bool isConnected, bool namesRelays) => closed.Reason switch
    {
        CloseReason.IceFailed when namesRelays => "no way over UDP to the server: open its media ports in the firewalls between, or name a TURN server in peers.turnServers (its own ones, which it names, are not used)",
        CloseReason.IceFailed => "no way over UDP to the server: open its media ports in the firewalls between, or name a TURN server in peers.turnServers",
        CloseReason.ConsentExpired => "the server no longer answers",
        CloseReason.DtlsFailed => $"no DTLS with the server: {closed.Detail}",
        CloseReason.Remote => "the server closed the connection",
        _ when closed.Detail.Length > 0 => closed.Detail,
        _ => isConnected ? "the connection was closed" : "the connection was closed before it was there",
    };

    private Uri ReadEndpoint()
    {
        var (key, text) = options.ToFile is null ? ("publish[].to", options.To!) : ("publish[].toFile", PublishFiles.Read("publish[].toFile", options.ToFile));
        return WhipAddress.TryParse(text, options.AllowPlaintext, out var endpoint, out var problem, out var remedy) ? endpoint : throw new WhipException($"{key} {problem}. {remedy}");
    }

    private string? ReadToken() => options.BearerTokenFile is null ? null : PublishFiles.Read("publish[].bearerTokenFile", options.BearerTokenFile);

    private sealed record Connection(Uri Endpoint, WhipClient Whip, WhipSession Session, PeerOffer Offer);
}
