using EdgeCam.Benchmarks.Feed;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>The senders by their names.</summary>
internal static class SenderList
{
    public const string EdgeCam = "edgecam", Jit = "jit";

    /// <param name="program">Another agent than the one that this build has.</param>
    /// <param name="http">Signaling by WHEP, with the agent's own broker on.</param>
    public static async Task<Sender> StartAsync(string name, Clip clip, string? program = null, bool http = false) => name switch
    {
        EdgeCam => await EdgeCamSender.StartAsync(name, program ?? NativeAgent.Find(), clip, byMqtt: !http),
        Jit => await EdgeCamSender.StartAsync(name, program ?? Place.Agent, clip, byMqtt: !http),
        _ => throw new ArgumentException($"no sender is called '{name}'"),
    };
}
