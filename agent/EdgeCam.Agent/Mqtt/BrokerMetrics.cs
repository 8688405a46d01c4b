using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Mqtt;

/// <summary>The connection to the broker, in numbers. What it drops is in <c>edgecam.drops</c>.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _connections;
    private readonly Counter<long> _ends;

    public BrokerMetrics(OutgoingQueue queue)
    {
        _connections = _meter.CreateCounter<long>("edgecam.broker.connections", unit: "{connection}", description: "Connections made to the broker");
        _ends = _meter.CreateCounter<long>("edgecam.broker.ends", unit: "{attempt}", description: "Attempts and connections that ended, by how; TakenOver: another client has this device's id");
        _meter.CreateObservableGauge("edgecam.broker.queued", () => (long)queue.Count, unit: "{message}", description: "Messages that wait for the broker or its acknowledgement");
        _meter.CreateObservableGauge("edgecam.broker.queued_size", () => queue.Bytes, unit: "By", description: "Octets of the messages that wait");
    }

    public void Connected() => _connections.Add(1);

    public void Ended(BrokerEndKind kind) => _ends.Add(1, new KeyValuePair<string, object?>("kind", kind.ToString()));

    public void Dispose() => _meter.Dispose();
}
