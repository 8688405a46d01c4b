using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A server that cameras are published to, by a script of <c>peers/</c>; always at the same ports, so that it can be started again.</summary>
internal sealed class MediaServer : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _token;
    private readonly int _port = Workplace.FreePort(ProtocolType.Tcp);
    private readonly int _webSocketPort = Workplace.FreePort(ProtocolType.Tcp);
    private ChildProcess? _process;
    private string? _result;

    private MediaServer(string script, string token) => (_script, _token) = (script, token);

    /// <summary>Janus behind Meetecho's WHIP server.</summary>
    public static MediaServer Janus(string token) => new("sfu-janus.mjs", token);

    /// <summary>libdatachannel behind a WHIP server of our own, which can be moody.</summary>
    public static MediaServer Moody(string token) => new("sfu-ndc.mjs", token);

    public string Log => _process?.Log ?? "it has ended";

    /// <summary>Where Janus' subscribers ask.</summary>
    public string WebSocket => string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_webSocketPort}");

    /// <summary>As in <c>publish[].to</c>.</summary>
    public string Whip(string path) => string.Create(CultureInfo.InvariantCulture, $"whip:http://127.0.0.1:{_port}/{path}");

    public async Task StartAsync()
    {
        string[] ports = _script == "sfu-janus.mjs" ? ["--whip-port", Number(_port), "--ws-port", Number(_webSocketPort)] : ["--port", Number(_port)];
        _process = ChildProcess.Start("node", [Path.Combine(Workplace.Peers, _script), .. ports, "--token", _token], (line, isOutput) =>
        {
            if (isOutput && line.StartsWith('{'))
                _result = line;
        });
        await Wait.UntilAsync(() => _process.HasExited || _process.Log.Contains(" ready", StringComparison.Ordinal), () => Log, seconds: 40);
        Assert.False(_process.HasExited, Log);
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

    public async ValueTask DisposeAsync() => await KillAsync();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
