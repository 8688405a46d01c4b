using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>The built agent on free ports of loopback, with the simulated camera <c>cam0</c> and its own broker.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_ready = TimeSpan.FromSeconds(Workplace.IsSoak ? 90 : 30); // fifty starts find a machine that is busy just then
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(15);

    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly NetNamespace? _namespace;
    private readonly AgentSettings _settings;
    private bool _stopped;

    private AgentProcess(ChildProcess process, string folder, AgentSettings settings)
    {
        (_process, _folder, _namespace, _settings) = (process, folder, settings.Namespace, settings);
        Device = settings.Device;
        Url = new($"http://127.0.0.1:{settings.HttpPort}/");
        Broker = settings.Broker ?? $"mqtt://127.0.0.1:{settings.BrokerPort}";
        MediaPort = settings.MediaPort;
    }

    public Uri Url { get; }

    public string Broker { get; }

    public string Device { get; }

    public int MediaPort { get; }

    public int Id => _process.Id;

    public string Log => _process.Log;

    public Uri Whep(string camera = "cam0") => new(Url, $"whep/{camera}");

    /// <summary>Starts it and waits until a viewer would get a picture.</summary>
    /// <param name="onLine">Sees each line of its log as it comes, from another thread.</param>
    public static async Task<AgentProcess> StartAsync(AgentSettings? settings = null, Action<string>? onLine = null)
    {
        settings ??= new();
        settings = settings with
        {
            HttpPort = settings.HttpPort != 0 ? settings.HttpPort : FreePort.Tcp(),
            BrokerPort = settings.BrokerPort != 0 ? settings.BrokerPort : FreePort.Tcp(),
            MediaPort = settings.MediaPort != 0 ? settings.MediaPort : FreePort.Udp(),
        };
        var folder = Directory.CreateTempSubdirectory("edgecam-e2e-").FullName;
        var configuration = ConfigurationIn(folder);
        var content = Configuration(settings, folder);
        settings.Adjust?.Invoke(content);
        await File.WriteAllTextAsync(configuration, content.ToJsonString());
        string[] arguments = ["run", "--config", configuration];
        void Tell(string line, bool isOutput) => onLine?.Invoke(line);
        var process = settings.Namespace is { } inside ? inside.Start(Workplace.Agent, arguments, Tell) : ChildProcess.Start(Workplace.Agent, arguments, Tell);
        var agent = new AgentProcess(process, folder, settings);
        try
        {
            await agent.WaitUntilReadyAsync();
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>The processes that hold its devices' ports: one, where it has any.</summary>
    public IReadOnlyList<int> Guards => _process.Children("guard");

    /// <summary>A link to its page, with a token that allows so much; without one where access is open.</summary>
    /// <param name="page">Where the page is, where that is not the agent itself.</param>
    public async Task<string> LinkAsync(string scopes = "view,ptz,gpio", string? page = null, params string[] more)
    {
        var place = page ?? Url.ToString();
        if (!_settings.UsesTokens)
            return $"{place}#device={Device}";
        var link = (await MintAsync(scopes, more)).Link;
        return $"{place}{link[link.IndexOf('#', StringComparison.Ordinal)..]}";
    }

    /// <summary>A token without a key, for whoever speaks HTTP or trusts the broker.</summary>
    public async Task<string> CreateBearerTokenAsync(string scopes) => (await MintAsync(scopes, "--bearer")).Token;

    /// <summary>The camera processes that run just now.</summary>
    public IReadOnlyList<int> Cameras => _process.Children("edgecam-sims");

    public async Task<JsonNode> GetHealthAsync()
    {
        using var http = Http(TimeSpan.FromSeconds(5));
        using var response = await http.GetAsync(new Uri(Url, "healthz"));
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>Waits until a camera is in this state; "ready" the agent is when the first one is.</summary>
    public async Task UntilCameraIsAsync(string name, string state)
    {
        JsonNode? last = null;
        for (var end = DateTime.UtcNow + s_ready; DateTime.UtcNow < end; await Task.Delay(100))
        {
            last = (await GetHealthAsync())["cameras"]!.AsArray().Single(camera => camera!["name"]!.GetValue<string>() == name);
            if (last!["state"]!.GetValue<string>() == state)
                return;
        }

        Assert.Fail($"Camera {name} is not {state} after {s_ready.TotalSeconds} s, but {last?.ToJsonString()}\n{Log}");
    }

    /// <summary>Each line of <c>/metrics</c>: name with labels, and value.</summary>
    public async Task<IReadOnlyDictionary<string, double>> GetMetricsAsync()
    {
        using var http = Http(TimeSpan.FromSeconds(5));
        var text = await http.GetStringAsync(new Uri(Url, "metrics"));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#')
            .ToDictionary(static line => line[..line.LastIndexOf(' ')], static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>What such a link lends to whoever has no page: <c>token</c> and <c>key</c>.</summary>
    public async Task<JsonObject> CreateTokenAsync(string scopes, string ttl = "1h")
    {
        var fragment = (await LinkAsync(scopes, null, "--ttl", ttl)).Split('#')[1].Split('&').Select(static member => member.Split('=', 2)).ToDictionary(static member => member[0], static member => member[1]);
        return new() { ["token"] = fragment["token"], ["key"] = fragment["key"] };
    }

    /// <summary>What <c>edgecam safe</c> says; fails where it could not.</summary>
    public Task<string> MakeSafeAsync() => Task.Run(() => Command.Run(Workplace.Agent, ["safe", "--config", ConfigurationIn(_folder)]));

    /// <summary>Ends it as a service manager does, and sees that it ends well and takes its camera along.</summary>
    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        Assert.False(_process.HasExited, $"The agent ended by itself.\n{Log}");
        var cameras = Cameras;
        await ChildProcess.SignalAsync(_process.Id, "TERM");
        Assert.True(await _process.WaitForExitAsync(s_end), $"The agent still runs {s_end.TotalSeconds} s after SIGTERM.\n{Log}");
        Assert.True(_process.ExitCode == 0, $"The agent ended with status {_process.ExitCode}.\n{Log}");
        Assert.DoesNotContain(cameras, id => Path.Exists($"/proc/{id}"));
    }

    /// <summary>Its HTTP is on loopback, that of its namespace where it has one.</summary>
    public HttpClient Http(TimeSpan timeout) => _namespace?.Http(timeout) ?? new HttpClient { Timeout = timeout };

    /// <summary>As <see cref="Http"/>, by somebody whom the agent lets in.</summary>
    public async Task<HttpClient> HttpWithTokenAsync(TimeSpan timeout)
    {
        var http = Http(timeout);
        if (_settings.UsesTokens)
            http.DefaultRequestHeaders.Authorization = new("Bearer", await CreateBearerTokenAsync("view,manage"));
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string ConfigurationIn(string folder) => Path.Combine(folder, "edgecam.json");

    private static JsonObject Configuration(AgentSettings settings, string folder) => new()
    {
        ["device"] = new JsonObject { ["id"] = settings.Device, ["name"] = "End to end", ["stateFolder"] = Path.Combine(folder, "state") },
        ["security"] = new JsonObject { ["access"] = settings.Access ?? (settings.UsesTokens ? "tokens" : "open") },
        ["cameras"] = new JsonArray(new JsonObject
        {
            ["name"] = "cam0",
            ["source"] = settings.Source,
            ["command"] = new JsonArray(Workplace.Sims, "camera"),
            ["width"] = settings.Width,
            ["height"] = settings.Height,
            ["frameRate"] = settings.FrameRate,
            ["bitrate"] = settings.Bitrate,
            ["keyFrameInterval"] = settings.KeyFrameInterval,
            ["profile"] = settings.Profile,
            ["encoder"] = settings.Encoder,
        }),
        ["mqtt"] = settings.Broker is { } broker
            ? new JsonObject { ["broker"] = broker }
            : new JsonObject { ["embedded"] = new JsonObject { ["port"] = settings.BrokerPort } },
        ["http"] = new JsonObject { ["bind"] = $"127.0.0.1:{settings.HttpPort}" },
        ["peers"] = new JsonObject { ["port"] = settings.MediaPort },
    };

    /// <summary>What <c>edgecam token</c> prints; the link is empty where it prints none.</summary>
    private async Task<(string Token, string Link)> MintAsync(string scopes, params string[] more)
    {
        var output = await Task.Run(() => Command.Run(Workplace.Agent, ["token", "--config", ConfigurationIn(_folder), "--scope", scopes, .. more]));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines[0], lines.FirstOrDefault(static line => line.Contains("#device=", StringComparison.Ordinal)) ?? "");
    }

    private async Task WaitUntilReadyAsync()
    {
        using var http = Http(TimeSpan.FromSeconds(2));
        for (var end = DateTime.UtcNow + s_ready; DateTime.UtcNow < end; await Task.Delay(100))
        {
            if (_process.HasExited)
                Assert.Fail($"The agent ended with status {_process.ExitCode} before it was ready.\n{Log}");
            try
            {
                using var response = await http.GetAsync(new Uri(Url, "healthz"));
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (Exception early) when (early is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet.
            }
        }

        Assert.Fail($"The agent was not ready after {s_ready.TotalSeconds} s.\n{Log}");
    }
}
