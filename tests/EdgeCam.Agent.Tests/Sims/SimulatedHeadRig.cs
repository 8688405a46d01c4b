using System.Text.Json;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.Ptz;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>A head on a line in virtual time: what is sent to it and what it sends, in hexadecimal.</summary>
internal sealed class SimulatedHeadRig
{
    private readonly List<string> _sent = [];
    private readonly PtzDevice _device;
    private long _now = 1_000_000_000;

    public SimulatedHeadRig(WireProtocol protocol, byte address = 1, bool generalReply = false, HeadOptions? options = null)
    {
        Head = new(options ?? HeadOptions.Default);
        _device = new(Head, protocol, address, bytes => _sent.Add(Convert.ToHexString(bytes.Span)), view: null, generalReply);
        _device.Advance(_now);
    }

    public Head Head { get; }

    public ISimulatedDevice Device => _device;

    public static string PelcoD(string body, byte address = 1)
    {
        byte[] frame = [0xFF, address, .. Convert.FromHexString(body), 0];
        frame[6] = PelcoDReceiver.Checksum(frame);
        return Convert.ToHexString(frame);
    }

    /// <returns>What came back at once.</returns>
    public string Send(string hex)
    {
        _device.Advance(_now);
        _device.Receive(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), _now);
        return Sent();
    }

    /// <returns>What it sent by itself.</returns>
    public string Run(double seconds)
    {
        for (var until = _now + (long)(seconds * 1e9); _now < until;)
            _device.Advance(_now += 5_000_000);
        return Sent();
    }

    public JsonElement State()
    {
        var answer = ControlServer.Answer(_device, "state", _now);
        return JsonDocument.Parse(answer).RootElement.Clone();
    }

    public JsonElement Control(string line) => JsonDocument.Parse(ControlServer.Answer(_device, line, _now)).RootElement.Clone();

    private string Sent()
    {
        var sent = string.Join(' ', _sent);
        _sent.Clear();
        return sent;
    }
}
