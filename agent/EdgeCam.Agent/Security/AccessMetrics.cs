using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Security;

/// <summary>Who is not let in, in numbers: by the very reason that the refused are told in words.</summary>
internal sealed class AccessMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _refusals;

    public AccessMetrics() => _refusals = _meter.CreateCounter<long>("edgecam.access.refusals", unit: "{refusal}", description: "Offers, requests and connections that were refused, by reason");

    public void Count(AccessRefusal refusal)
    {
        if (refusal != AccessRefusal.None)
            _refusals.Add(1, new KeyValuePair<string, object?>("reason", refusal.ToString()));
    }

    public void Dispose() => _meter.Dispose();
}
