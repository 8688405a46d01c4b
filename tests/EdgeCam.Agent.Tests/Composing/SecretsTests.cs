using System.Collections.Concurrent;
using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>The agent with tokens, talked to in every way: nothing of a token, a proof or a key comes back, and the log at its most talkative has none of it.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Sdp = "v=0\r\na=fingerprint:sha-256 AB:CD\r\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_secret_is_logged_or_told()
    {
        using var log = new KeepingFactory();
        using var composition = new Composition(
            new AgentOptions(Device: new(Id: "dev", StateFolder: _folder), Mqtt: new(Embedded: new(Port: 0)), Http: new(Enabled: false)),
            (_, _, _, _, _) => new FakePlane(new() { Answer = _ => Task.FromResult(ViewerAnswer.Accept(Sdp)) }), log, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        await composition.StartAsync();
        var running = composition.RunAsync(stop.Token);
        await Wait.UntilAsync(() => composition.Connection!.IsConnected, "the agent's own connection");
        using var keys = DeviceKeys.Load(_folder);
        using var forge = new TokenForge(keys.Signing, TimeProvider.System);

        var token = forge.Token();
        await using var client = new TestClient();
        await client.TryConnectAsync(TestClient.Options(composition.Broker!.Port, "alice").WithCredentials("token", token));
        await using var intruder = new TestClient();
        await intruder.TryConnectAsync(TestClient.Options(composition.Broker.Port, "mallory").WithCredentials("token", token[..^8]));
        await client.SubscribeAsync("edgecam/v1/dev/session/alice/+/to-viewer");
        await client.SubscribeAsync("edgecam/v1/dev/rpc/alice/response");
        await client.SubscribeAsync("edgecam/v1/dev/status");

        var given = forge.Offer("session-0001", "sha-256 AB:CD", token);
        var damaged = given with { Token = token[..^8] };
        var request = forge.Request("""{"jsonrpc":"2.0","id":1,"method":"session.access"}""", payload => payload["token"] = token);
        var number = 0;
        foreach (var credentials in new[] { damaged, given, given })
            await client.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", Message("offer", ++number, credentials));
        await client.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", Message("hello", ++number, damaged));
        await client.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", Message("offer", ++number, given)[..^3]); // no JSON any more
        foreach (var payload in new[] { request, request, request[..^8], $"{{\"token\":\"{token}\"}}" })
            await client.PublishAsync("edgecam/v1/dev/rpc/alice/request", payload);
        await Wait.UntilAsync(() => client.Received.Count(message => message.Topic.Contains("/rpc/", StringComparison.Ordinal)) >= 4
            && client.Received.Count(message => message.Topic.Contains("/session/", StringComparison.Ordinal)) >= 5, "all the answers");
        await stop.CancelAsync();
        await running;

        var said = string.Join('\n', client.Received.Select(message => message.Text).Concat(log.Lines));
        Assert.Contains("\"subject\":\"Ann\"", said, StringComparison.Ordinal);
        Assert.Contains("came before", said, StringComparison.Ordinal);
        string[] secrets =
        [
            .. token.Split('.').Skip(1), given.Proof!, .. request.Split('.').Skip(1), System.Text.Encoding.ASCII.GetString(composition.Broker.DevicePassword),
            .. new[] { keys.Identity, keys.Signing }.Select(key => key.Use(pair => TokenForge.Base64(pair.ExportParameters(true).D!))),
            .. new[] { DeviceKeys.IdentityFile, DeviceKeys.SigningFile }.SelectMany(file => File.ReadAllLines(Path.Combine(_folder, file))).Where(line => !line.StartsWith('-')),
        ];
        Assert.True(secrets.Length >= 12);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[..Math.Min(40, secret.Length)], said, StringComparison.Ordinal));
    }

    private static string Message(string type, int seq, Credentials given) => JsonSerializer.Serialize(
        new { v = 1, type, seq, sdp = Sdp, token = given.Token, nonce = given.Nonce, time = given.Time, proof = given.Proof });

    private sealed class KeepingFactory : ILoggerFactory
    {
        private readonly LogLines<SecretsTests> _log = new();

        public ConcurrentQueue<string> Lines => _log.Lines;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => _log;

        public void Dispose()
        {
        }
    }
}
