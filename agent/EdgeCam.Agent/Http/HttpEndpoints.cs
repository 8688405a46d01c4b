using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>All that is served: <c>/</c> the viewer, <c>/viewer.json</c>, <c>/whep/…</c>, <c>/mqtt</c>, <c>/healthz</c>, <c>/metrics</c>, <c>/recording/…</c>, <c>/snapshot/…</c>.</summary>
internal sealed class HttpEndpoints(HttpServices services, HostRules hosts, BearerAccess access, DropCounters drops)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; "
        + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    private readonly PictureEndpoints? _pictures = services.Pictures is { } pictures ? new(pictures, access) : null;

    private static readonly string[] s_mqttProtocols = ["mqtt", "mqttv3.1"];

    public void Map(IApplicationBuilder app)
    {
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        app.Run(HandleAsync);
    }

    private Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        if (!hosts.IsOurs(context))
        {
            drops.Count(Stage.Signaling, DropReason.Forbidden);
            return Problem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest,
                "this host name is not served here; a name of your own for this device, or a reverse proxy's, belongs in http.hosts");
        }

        var path = context.Request.Path.Value ?? "/";
        return path switch
        {
            "/mqtt" => Acting(context, MqttAsync),
            "/healthz" => HealthAsync(context),
            "/metrics" => MetricsAsync(context),
            "/viewer.json" => JsonAsync(context, services.Settings, HttpJson.Default.ViewerSettings),
            _ when path.StartsWith("/whep/", StringComparison.Ordinal) => Acting(context, ours => services.Whep.HandleAsync(ours, path["/whep/".Length..])),
            _ when _pictures is not null && path.StartsWith("/recording/", StringComparison.Ordinal) => _pictures.RecordingAsync(context, path["/recording/".Length..]),
            _ when _pictures is not null && path.StartsWith("/snapshot/", StringComparison.Ordinal) => _pictures.SnapshotAsync(context, path["/snapshot/".Length..]),
            _ => services.Files.HandleAsync(context, path[1..]),
        };
    }

    private Task Acting(HttpContext context, Func<HttpContext, Task> next)
    {
        if (hosts.MayAct(context.Request))
            return next(context);
        drops.Count(Stage.Signaling, DropReason.Forbidden);
        return Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "pages of another origin may not do this; http.hosts lets more in");
    }

    private Task HealthAsync(HttpContext context)
    {
        var report = services.Health();
        if (!access.MayMeasure(context))
            report = report with { Cameras = null, Outputs = null };
        context.Response.StatusCode = report.Status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonAsync(context, report, HttpJson.Default.HealthReport);
    }

    /// <summary>For this machine, and for whoever manages the device.</summary>
    private async Task MetricsAsync(HttpContext context)
    {
        if (access.MayMeasure(context) || await access.AdmitAsync(context, AccessScope.Manage) is not null)
            await BodyAsync(context, Encoding.UTF8.GetBytes(services.Metrics()), MetricsExporter.ContentType);
    }

    private static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        BodyAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    private static async Task BodyAsync(HttpContext context, byte[] body, string type)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await Problem.NotAllowedAsync(context, "GET, HEAD");
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>MQTT over WebSocket (MQTT 5 §6): binary messages, whose borders mean nothing, under the subprotocol <c>mqtt</c>.</summary>
    private async Task MqttAsync(HttpContext context)
    {
        if (services.Broker is not { } broker)
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "there is no broker here");
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest || context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(s_mqttProtocols.Contains) is not { } protocol)
        {
            await Problem.WriteAsync(context, StatusCodes.Status426UpgradeRequired, "MQTT comes here by WebSocket, with the subprotocol mqtt");
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await using var stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: TimeSpan.FromSeconds(1));
        var remote = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.Loopback, context.Connection.RemotePort);
        try
        {
            await broker(stream, remote);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone.
        }
    }
}
