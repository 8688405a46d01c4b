using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

internal sealed class RelayMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _allocations;
    private readonly Counter<long> _failures;

    public RelayMetrics()
    {
        _allocations = _meter.CreateCounter<long>("edgecam.relay.allocations", unit: "{allocation}", description: "Allocations that TURN servers gave");
        _failures = _meter.CreateCounter<long>("edgecam.relay.failures", unit: "{failure}", description: "Allocations refused or lost, by reason");
    }

    public void CountAllocation() => _allocations.Add(1);

    /// <param name="reason">Null where there was not even a connection.</param>
    public void CountFailure(TurnFailure? reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason?.ToString() ?? "NotReached"));

    public void Dispose() => _meter.Dispose();
}
