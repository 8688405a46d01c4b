using System.Net.Http.Headers;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Sends what the agent's instruments measure to an OpenTelemetry collector once a minute, by OTLP/HTTP in JSON. What does not arrive is not
/// sent again: the next sums contain it.
/// </summary>
/// <remarks>Left out: gRPC, Protobuf, compression, headers for authentication, logs and traces; a collector on the LAN is what passes measurements on.</remarks>
/// <param name="endpoint">Of the collector, to which <c>v1/metrics</c> is added.</param>
internal sealed class OtlpExporter(
    Uri endpoint, Func<IReadOnlyList<MetricSnapshot>> collect, IReadOnlyList<KeyValuePair<string, object?>> resource, string version, HttpMessageInvoker http, TimeProvider time,
    ILogger<OtlpExporter> log, Progress? progress = null)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Uri _address = new(endpoint.AbsoluteUri.TrimEnd('/') + "/v1/metrics");
    private readonly long _started = time.GetTimestamp();
    private long? _sentAt;
    private bool? _isHeard;

    /// <summary>A client that goes where it is told and nowhere else, and keeps one connection.</summary>
    public static HttpMessageInvoker Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = 1, UseCookies = false, ConnectTimeout = s_timeout });

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                progress?.Within(s_patience);
                if (_sentAt is { } last && time.GetElapsedTime(last) < Period)
                    continue;
                if (!DeviceClock.IsSet(time))
                    continue; // a time of 1970 is none that a collector could sort in
                _sentAt = time.GetTimestamp();
                await SendAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress?.Rest();
    }

    private async Task SendAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, _address);
        request.Content = new ByteArrayContent(OtlpJson.Write(collect(), resource, version, now - time.GetElapsedTime(_started), now));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            Tell(response.IsSuccessStatusCode, $"it answers {(int)response.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            Tell(false, failure.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Tell(false, "no answer");
        }
    }

    /// <summary>Once when it begins to work, and once when it ends.</summary>
    private void Tell(bool isHeard, string problem)
    {
        if (_isHeard == isHeard)
            return;
        _isHeard = isHeard;
        if (isHeard)
            log.CollectorHears(endpoint.Host);
        else
            log.CollectorAway(endpoint.Host, problem);
    }
}
