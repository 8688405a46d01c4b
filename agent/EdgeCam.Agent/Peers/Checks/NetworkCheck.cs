using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary><c>edgecam check --network</c>: whether each configured server answers and relays, and what the NAT does, in words.</summary>
internal static class NetworkCheck
{
    /// <returns>False where a configured server does not work.</returns>
    public static async Task<bool> RunAsync(IReadOnlyList<string> stunServers, RelaySettings relays, TextWriter output, CancellationToken stop)
    {
        if (stunServers.Count == 0 && relays.Servers.Count == 0)
        {
            await output.WriteLineAsync("No STUN or TURN server is configured (peers.stunServers, peers.turnServers): viewers on the same network only.");
            return true;
        }

        using var stun = new StunProbe();
        var works = true;
        var answers = new List<StunAnswer>();
        foreach (var server in stunServers)
        {
            _ = StunServers.TryParse(server, out var host, out var port);
            var answer = await stun.AskAsync(server, host, port, stop);
            answers.Add(answer);
            works &= answer.HasAnswered;
            await output.WriteLineAsync($"STUN {answer.Name}: {(answer.HasAnswered ? $"answers in {(long)answer.RoundTripTime.TotalMilliseconds} ms, and sees this device as {answer.Mapped}" : answer.Failure)}");
        }

        var probes = relays.Servers.Select(server => new RelayProbe(server, relays).RunAsync(stop)).ToArray();
        for (var i = 0; i < probes.Length; i++)
        {
            var (relaysWell, words) = await probes[i];
            works &= relaysWell;
            await output.WriteLineAsync($"TURN {relays.Servers[i]}: {words}");
        }

        // A TURN server answers STUN too, unless told not to: one more view of the NAT.
        foreach (var server in relays.Servers.Where(server => server.Address.Transport == TurnTransport.Udp))
            answers.Add(await stun.AskAsync(server.ToString(), server.Address.Host, server.Address.Port, stop));
        if (answers.Count == 0)
            return works;
        var local = answers.Find(answer => answer.HasAnswered) is { } first ? stun.LocalFor(first.Server) : default;
        await output.WriteLineAsync($"NAT mapping: {NatMapping.Describe(local, answers)}");
        return works;
    }
}
