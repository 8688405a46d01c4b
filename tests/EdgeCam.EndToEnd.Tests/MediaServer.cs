using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A server that cameras are published to, by a script of <c>peers/</c>; always at the same ports, so that it can be started again.</summary>
internal sealed class MediaServer : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _token;
    private readonly int _port = FreePort.Tcp();
    private readonly int _webSocketPort = FreePort.Tcp();
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-sfu-").FullName;
    private readonly NetNamespace? _inside;
    private readonly string _host;
    private ChildProcess? _process;
    private string? _result;

    private MediaServer(string script, string token, NetNamespace? inside = null, string host = "127.0.0.1") => (_script, _token, _inside, _host) = (script, token, inside, host);

    /// <summary>Janus behind Meetecho's WHIP server.</summary>
    /// <param name="inside">Where it runs; null: where the tests run.</param>
    /// <param name="host">At which address its WHIP server listens.</param>
    public static MediaServer Janus(string token, NetNamespace? inside = null, string host = "127.0.0.1") => new("sfu-janus.mjs", token, inside, host);

    /// <summary>libdatachannel behind a WHIP server of our own, which can be moody.</summary>
    public static MediaServer Moody(string token) => new("sfu-ndc.mjs", token);

    public string Log => _process?.Log ?? "it has ended";

    /// <summary>Where Janus' subscribers ask.</summary>
    public string WebSocket => string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_webSocketPort}");

    /// <summary>As in <c>publish[].to</c>.</summary>
    public string Whip(string path) => string.Create(CultureInfo.InvariantCulture, $"whip:http://{_host}:{_port}/{path}");

    public async Task StartAsync()
    {
        string[] place = _script == "sfu-janus.mjs" ? ["--folder", _folder, "--whip-port", Number(_port), "--ws-port", Number(_webSocketPort), "--host", _host] : ["--port", Number(_port)];
        string[] arguments = [Path.Combine(Workplace.Peers, _script), .. place, "--token", _token];
        _process = _inside is null ? ChildProcess.Start("node", arguments, Tell) : _inside.Start("node", arguments, Tell);
        await Wait.UntilAsync(() => _process.HasExited || _process.Log.Contains(" ready", StringComparison.Ordinal), () => Log, seconds: 40);
        Assert.False(_process.HasExited, Log);

        void Tell(string line, bool isOutput)
        {
            if (isOutput && line.StartsWith('{'))
                _result = line;
        }
    }

    /// <summary>Ends it, and gives what it says of what it received.</summary>
    public async Task<JsonNode?> StopAsync()
    {
        _process!.Input.Close();
        Assert.True(await _process.WaitForExitAsync(TimeSpan.FromSeconds(15)), Log);
        await KillAsync();
        return _result is null ? null : JsonNode.Parse(_result);
    }

    /// <summary>All its processes at once, as by a power cut: no goodbye.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        await process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
