using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Runs;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>The senders by their names.</summary>
internal static class SenderList
{
    public const string EdgeCam = "edgecam", EdgeCamHttp = "edgecam (http)", Jit = "jit", Pion = "pion", Janus = "janus", NodeDataChannel = "node-datachannel", GStreamer = "gstreamer";

    /// <summary>Other stacks.</summary>
    public static IReadOnlyList<string> Peers { get; } = [Pion, NodeDataChannel, Janus, GStreamer];

    /// <summary>One run of one sender.</summary>
    /// <param name="program">Another agent than the one that was built for this.</param>
    /// <param name="http">Signaling by WHEP, with the agent's own broker on; else by MQTT over another broker.</param>
    public static async Task<FanoutFigures> RunAsync(string name, Clip clip, FanoutOptions options, string? program = null, bool http = false)
    {
        if (name == FloorSender.Name)
            return await FloorSender.RunAsync(options);
        await using var sender = await StartAsync(name, clip, program, http);
        using var run = new FanoutRun(sender, options);
        return await run.RunAsync();
    }

    private static async Task<Sender> StartAsync(string name, Clip clip, string? program, bool http) => name switch
    {
        EdgeCam => await EdgeCamSender.StartAsync(http ? EdgeCamHttp : name, program ?? NativeAgent.Find(), clip, byMqtt: !http),
        Jit => await EdgeCamSender.StartAsync(name, program ?? Place.Agent, clip, byMqtt: !http),
        Pion => await PeerSender.StartAsync(name, [Path.Combine(Place.Artifacts, "pion-sender")], clip),
        NodeDataChannel => await PeerSender.StartAsync(name, ["node", Path.Combine(Place.Peers, "node-datachannel", "sender.mjs")], clip),
        Janus => await PeerSender.StartAsync(name, ["node", Path.Combine(Place.Peers, "janus", "shim.mjs")], clip, makesOffers: true),
        GStreamer => await PeerSender.StartAsync(name, ["/usr/bin/python3", Path.Combine(Place.Peers, "gstreamer", "sender.py")], clip),
        _ => throw new ArgumentException($"no sender is called '{name}'"),
    };
}
