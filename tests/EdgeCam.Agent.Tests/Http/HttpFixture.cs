using System.Net;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Http;

/// <summary>The HTTP side on a free loopback port, with the peers left out.</summary>
internal sealed class HttpFixture : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpFixture(WebApplication app) => _app = app;

    public FakeGateway Gateway { get; } = new();

    public DropCounters Drops { get; } = new();

    public string CameraState { get; set; } = "live";

    public IceServerGrant IceServers { get; set; } = IceServerGrant.None;

    public EmbeddedBroker? Broker { get; private set; }

    public DeviceKeys Keys { get; } = DeviceKeys.CreateForThisRun();

    public Whep? Whep { get; private set; }

    public required int Port { get; init; }

    public HttpClient Client { get; } = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => true });

    public static Task<HttpFixture> StartAsync(int maxSessions = 4, bool broker = false, params string[] hosts) =>
        StartAsync(AccessMode.Open, port => new(Bind: $"127.0.0.1:{port}", Hosts: hosts), maxSessions, broker);

    /// <param name="options">Takes the port.</param>
    /// <param name="quota">Null: one viewer may have as much as it likes.</param>
    public static async Task<HttpFixture> StartAsync(AccessMode mode, Func<int, HttpOptions> options, int maxSessions = 4, bool broker = false, ViewerQuota? quota = null, IPictureFiles? pictures = null)
    {
        var port = FreePort.Tcp();
        var http = options(port);
        var app = (WebApplication)AgentHost.Build(new AgentOptions(Http: http, Log: new LogOptions(Level: "error")));
        var fixture = new HttpFixture(app) { Port = port };
        var policy = new AccessPolicy(mode, "dev", fixture.Keys.Signing, TimeProvider.System);
        var bearer = new BearerAccess(policy, http.Hosts.Length > 0, fixture.Drops);
        fixture.Whep = new Whep(fixture.Gateway, bearer, (_, _) => fixture.IceServers, maxSessions, http.Hosts.Length > 0, fixture.Drops, quota);
        if (broker)
        {
            fixture.Broker = new(new EmbeddedBrokerOptions(Port: 0), new MqttTopics("edgecam/v1", "dev"), policy, fixture.Drops, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);
            await fixture.Broker.StartAsync();
        }

        var files = new ViewerFiles(new Dictionary<string, byte[]>
        {
            ["index.html"] = "<!doctype html>"u8.ToArray(),
            ["viewer.js"] = "export {}"u8.ToArray(),
            ["large.js"] = [.. Enumerable.Repeat("export {};\n"u8.ToArray(), 1000).SelectMany(line => line)],
            ["fonts/a.woff2"] = [1, 2, 3],
        });
        var services = new HttpServices(
            fixture.Whep,
            () => HealthReport.Create("1.2.3", "connected", 3, new("set", true), [new("cam0", fixture.CameraState, 1280, 720)]),
            () => "# metrics\n",
            new ViewerSettings("/mqtt", "edgecam/v1", "dev", "open"), files, fixture.Broker is null ? null : fixture.Broker.ServeAsync, pictures);
        new HttpEndpoints(services, new HostRules(http, "porch"), bearer, fixture.Drops).Map(app);
        await app.StartAsync();
        fixture.Client.BaseAddress = new Uri($"{(http.IsSecure ? "https" : "http")}://127.0.0.1:{port}/");
        return fixture;
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string? type = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = type is null ? null : new(type);
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(
        HttpMethod method, string path, string? body = null, string? type = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, body, type, headers);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (Broker is not null)
            await Broker.StopAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Broker?.Dispose();
        Client.Dispose();
        Drops.Dispose();
    }
}
