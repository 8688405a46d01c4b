using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// The built agent with a secret in every place that holds one, led through what it does well and badly: none of them, in any of the usual
/// spellings, is in its log, on any topic, at any page, in what it keeps for diagnosis, or in its process's arguments and environment.
/// </summary>
public sealed class SecretsTests : IAsyncLifetime
{
    private const string Device = "dev";
    private const string User = "device-user";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-secrets-").FullName;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly List<(string Name, string Value)> _secrets = [];
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private readonly int _httpPort = FreePort.Tcp();
    private string _password = "";
    private Mosquitto? _broker;

    private string Configuration => Path.Combine(_folder, "edgecam.json");

    private string State => Path.Combine(_folder, "state");

    public async ValueTask InitializeAsync()
    {
        Workplace.Need(Tool.Mosquitto);
        _password = Seed("mqtt password");
        _broker = await Mosquitto.StartSecureAsync(User, _password);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task No_secret_is_in_anything_that_leaves_the_agent()
    {
        Write();
        await using var listener = await ListenAsync();
        var password = Path.Combine(_folder, "mqtt-password");
        await File.WriteAllTextAsync(password, Seed("wrong mqtt password"));
        await RunAsync(async _ => await Wait.UntilAsync(() => _log.Any(static line => line.Contains("refused the connection", StringComparison.Ordinal)), "the refusal", seconds: 60));

        await File.WriteAllTextAsync(password, _password);
        await RunAsync(async agent =>
        {
            await Wait.UntilAsync(() => listener.Received.Any(static message => message.Topic.EndsWith("/telemetry", StringComparison.Ordinal)), "telemetry", seconds: 60);
            await Wait.UntilAsync(() => listener.Received.Any(static message => message.Topic == $"homeassistant/device/{Device}/config"), "Home Assistant's device", seconds: 60);
            await CallAsync(listener);
            await BrowseAsync();
            foreach (var file in Environment.IsPrivilegedProcess ? ["cmdline", "environ"] : new[] { "cmdline" }) // its environment is closed to all but root
                _said[$"/proc/{file}"] = await File.ReadAllTextAsync($"/proc/{agent.Id}/{file}");
        });
        _said["edgecam check"] = Command.Run(Workplace.Agent, ["check", "--origins", "--config", Configuration]);
        _said["log"] = string.Join('\n', _log);
        _said["topics"] = string.Join('\n', listener.Received.Select(static message => $"{message.Topic} {message.Text}"));

        // That it was all there to be found.
        foreach (var (place, word) in new[]
        {
            ("log", "refused the connection"), ("topics", "/rpc/operator/response"), ("topics", "/event/"), ("topics", "\"code\":-32001"), ("diagnosis", "peers.turnServers[0].secretFile"),
            ("diagnosis", "mqtt-password"), ("diagnosis", "publish-token"), ("topics", "event/publish"), ("metrics", "edgecam_viewers"), ("edgecam check", "mqtt.passwordFile"), ("log.tail", "EdgeCam.Agent"), ("page", "<html"),
        })
            Assert.True(_said[place].Contains(word, StringComparison.OrdinalIgnoreCase), $"{place} lacks {word}: {_said[place]}");
        AddKeys();
        Assert.True(_secrets.Count >= 12, $"{_secrets.Count} secrets");
        Assert.NotEmpty(Hits([("the user's name, which is no secret", User)]));
        Assert.Empty(Hits(_secrets));
    }

    private IEnumerable<string> Hits(IEnumerable<(string Name, string Value)> words) =>
        (from word in words from spelling in Spellings(word.Value) from place in _said where place.Value.Contains(spelling, StringComparison.Ordinal) select $"{word.Name} in {place.Key}").Distinct();

    /// <summary>As it stands, and as others would write the same bytes.</summary>
    private static IEnumerable<string> Spellings(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var base64 = Convert.ToBase64String(bytes).TrimEnd('=');
        return [secret, base64[..^1], base64[..^1].Replace('+', '-').Replace('/', '_'), Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), Uri.EscapeDataString(secret)];
    }

    private string Seed(string name)
    {
        var secret = $"seed{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";
        _secrets.Add((name, secret));
        return secret;
    }

    private string SeedFile(string name)
    {
        var file = Path.Combine(_folder, name.Replace(' ', '-'));
        File.WriteAllText(file, Seed(name));
        return file;
    }

    /// <summary>Keys of the device and of its page, line by line and as numbers; and a token, which opens as much as a password does.</summary>
    private void AddKeys()
    {
        foreach (var file in new[] { Path.Combine(State, DeviceKeys.IdentityFile), Path.Combine(State, DeviceKeys.SigningFile), Path.Combine(_folder, "page-key.pem") })
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(file));
            var number = key.ExportParameters(true).D!;
            _secrets.Add(($"the number of {Path.GetFileName(file)}", TokenForge.Base64(number)));
            _secrets.Add(($"the number of {Path.GetFileName(file)} in hexadecimal", Convert.ToHexStringLower(number)));
            _secrets.AddRange(File.ReadAllLines(file).Where(static line => line.Length >= 20 && line[0] != '-').Select(line => ($"a line of {Path.GetFileName(file)}", line)));
        }
    }

    private void Write()
    {
        Directory.CreateDirectory(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (page, pageKey) = (Path.Combine(_folder, "page.pem"), Path.Combine(_folder, "page-key.pem"));
        File.WriteAllText(page, certificate.ExportCertificatePem());
        File.WriteAllText(pageKey, key.ExportPkcs8PrivateKeyPem());
        var address = Path.Combine(_folder, "publish-address"); // one that is a secret by itself, and leads to nobody
        File.WriteAllText(address, $"whip:http://127.0.0.1:1/{Seed("publish address")}");
        var relay = $"turn:127.0.0.1:{FreePort.Udp()}?transport=udp"; // nobody is there: its problems are in the log
        File.WriteAllText(Configuration, new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = Device, ["stateFolder"] = State },
            ["cameras"] = new JsonArray(
                new JsonObject { ["name"] = "cam0", ["source"] = $"file:{Path.Combine(Workplace.Root, "deploy/clip/panorama.h264")}" },
                new JsonObject { ["name"] = "cam1", ["source"] = "v4l2:/dev/video-that-is-not-there" }),
            ["mqtt"] = new JsonObject
            {
                ["broker"] = $"mqtts://localhost:{_broker!.Port}", ["username"] = User, ["passwordFile"] = Path.Combine(_folder, "mqtt-password"), ["caFile"] = _broker.CaFile,
            },
            ["http"] = new JsonObject { ["bind"] = $"127.0.0.1:{_httpPort}", ["certificateFile"] = page, ["keyFile"] = pageKey },
            ["peers"] = new JsonObject
            {
                ["port"] = 0,
                ["turnServers"] = new JsonArray(
                    new JsonObject { ["url"] = relay, ["secretFile"] = SeedFile("turn secret") },
                    new JsonObject { ["url"] = relay, ["username"] = "turn-user", ["passwordFile"] = SeedFile("turn password") }),
            },
            ["publish"] = new JsonArray(new JsonObject { ["name"] = "sfu", ["camera"] = "cam0", ["toFile"] = address, ["bearerTokenFile"] = SeedFile("publish token") }),
            ["telemetry"] = new JsonObject { ["periodSeconds"] = 5, ["otlpEndpoint"] = "http://127.0.0.1:1" },
            ["homeAssistant"] = new JsonObject { ["enabled"] = true, ["commands"] = true },
            ["log"] = new JsonObject { ["level"] = "debug" },
        }.ToJsonString());
    }

    /// <summary>Somebody who reads everything that goes over the broker.</summary>
    private async Task<TestClient> ListenAsync()
    {
        var client = new TestClient();
        using var ca = X509CertificateLoader.LoadCertificateFromFile(_broker!.CaFile);
        var thumbprint = ca.Thumbprint;
        var options = TestClient.Options(_broker.Port, "listener").WithTcpServer("localhost", _broker.Port).WithCredentials(User, _password)
            .WithTimeout(TimeSpan.FromSeconds(30)).WithTlsOptions(tls => tls.WithCertificateValidationHandler(presented => presented.Certificate is X509Certificate2 { Thumbprint: { } shown } && shown == thumbprint));
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(options));
        await client.SubscribeAsync("#");
        return client;
    }

    private async Task RunAsync(Func<ChildProcess, Task> scene)
    {
        await using var agent = ChildProcess.Start(Workplace.Agent, ["run", "--config", Configuration], (line, _) => _log.Enqueue(line));
        try
        {
            await scene(agent);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{agent.Log}", failure);
        }

        await ChildProcess.SignalAsync(agent.Id, "TERM");
        Assert.True(await agent.WaitForExitAsync(TimeSpan.FromSeconds(20)), "it did not end");
        Assert.Equal(0, agent.ExitCode);
    }

    /// <summary>Everything that an operator may ask, rightly and wrongly, and what viewers and Home Assistant may send.</summary>
    private async Task CallAsync(TestClient client)
    {
        using var keys = DeviceKeys.Load(State);
        using var forge = new TokenForge(keys.Signing, TimeProvider.System, Device);
        var token = forge.Token();
        _secrets.AddRange(token.Split('.').Skip(1).Select((part, i) => ($"part {i + 1} of a token", part)));
        _secrets.Add(("the key of a token", TokenForge.Base64(forge.Holder.ExportParameters(true).D!)));
        var number = 0;

        async Task<JsonElement> AskAsync(string method, JsonObject? parameters = null)
        {
            var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ++number, ["method"] = method };
            if (parameters is not null)
                request["params"] = parameters;
            var before = Responses().Count;
            await client.PublishAsync($"edgecam/v1/{Device}/rpc/operator/request", forge.Request(request.ToJsonString()));
            await Wait.UntilAsync(() => Responses().Count > before, $"an answer to {method}", seconds: 30);
            return JsonElement.Parse(Responses()[^1]);
        }

        List<string> Responses() => [.. client.Received.Where(static message => message.Topic.EndsWith("/rpc/operator/response", StringComparison.Ordinal)).Select(static message => message.Text)];

        foreach (var method in new[] { "device.methods", "device.info", "device.health", "session.access", "gpio.list" })
            Assert.True((await AskAsync(method)).TryGetProperty("result", out _), method);
        await AskAsync("session.renew", new() { ["token"] = token });
        await AskAsync("log.level", new() { ["level"] = "debug" });
        Assert.True((await AskAsync("device.restart")).TryGetProperty("error", out _)); // it has only just started
        Assert.True((await AskAsync("device.reboot")).TryGetProperty("error", out _)); // nobody is there to do it
        var garbage = new[] { token, $"{{\"token\":\"{token}\",\"request\":{{}}}}", forge.Request("""{"jsonrpc":"2.0","id":1,"method":"device.info"}""")[..^4] };
        foreach (var bad in garbage)
            await client.PublishAsync($"edgecam/v1/{Device}/rpc/mallory/request", bad);
        var offer = forge.Offer("session-0001", "sha-256 AB", token);
        await client.PublishAsync($"edgecam/v1/{Device}/session/mallory/session-0001/to-device", JsonSerializer.Serialize(
            new { v = 1, type = "offer", seq = 1, sdp = "v=0\r\na=fingerprint:sha-256 AB\r\n", token, nonce = offer.Nonce, time = offer.Time, proof = offer.Proof }));
        await client.PublishAsync($"edgecam/v1/{Device}/ha/ptz/cam0", _password); // a password in the wrong place
        await Wait.UntilAsync(() => client.Received.Any(static message => message.Topic.Contains("/session/mallory/", StringComparison.Ordinal) && message.Topic.EndsWith("to-viewer", StringComparison.Ordinal)), "an answer to the offer", seconds: 30);

        // What was sent to the agent is no leak of the agent's.
        string[] sent = ["/request", "/to-device", "/ha/ptz/cam0"];
        _said["log.tail"] = (await AskAsync("log.tail", new() { ["lines"] = 500 })).GetRawText();
        var made = (await AskAsync("device.diagnose")).GetProperty("result");
        var bytes = new List<byte>();
        while (bytes.Count < made.GetProperty("size").GetInt32())
        {
            var piece = (await AskAsync("device.diagnose", new() { ["id"] = made.GetProperty("id").GetString(), ["offset"] = bytes.Count })).GetProperty("result");
            bytes.AddRange(piece.GetProperty("data").GetBytesFromBase64());
        }

        await using var gzip = new GZipStream(new MemoryStream([.. bytes]), CompressionMode.Decompress);
        using var text = new StreamReader(gzip, Encoding.UTF8);
        _said["diagnosis"] = await text.ReadToEndAsync();
        for (var i = client.Received.Count; i > 0 && client.Received.TryDequeue(out var message); i--)
        {
            if (!sent.Any(end => message.Topic.EndsWith(end, StringComparison.Ordinal)))
                client.Received.Enqueue(message);
        }
    }

    private async Task BrowseAsync()
    {
        using var handler = new SocketsHttpHandler();
        using var own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "page.pem"));
        var thumbprint = own.GetCertHashString(HashAlgorithmName.SHA256);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString(HashAlgorithmName.SHA256) == thumbprint;
        using var http = new HttpClient(handler) { BaseAddress = new($"https://127.0.0.1:{_httpPort}/") };
        var bearer = Command.Run(Workplace.Agent, ["token", "--config", Configuration, "--scope", "view,manage", "--bearer"]).Split('\n')[0].Trim();
        _secrets.Add(("a bearer token's signature", bearer.Split('.')[2]));
        _said["page"] = await http.GetStringAsync("");
        foreach (var (authorization, isGood) in new[] { (bearer, true), (bearer[..^6], false) })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", authorization);
            using var offered = await http.PostAsync("whep/cam0", new StringContent("v=0", new MediaTypeHeaderValue("application/sdp")));
            _said[$"whep {isGood}"] = await offered.Content.ReadAsStringAsync();
            Assert.Equal(isGood ? HttpStatusCode.BadRequest : HttpStatusCode.Unauthorized, offered.StatusCode);
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        _said["metrics"] = await http.GetStringAsync("metrics");
        _said["healthz"] = await http.GetStringAsync("healthz");
    }
}
