using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Publishing;

/// <summary>The outputs, in numbers.</summary>
internal sealed class PublishMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _attempts;

    public PublishMetrics(Func<IReadOnlyList<OutputReport>> outputs)
    {
        _attempts = _meter.CreateCounter<long>("edgecam.publish.attempts", unit: "{attempt}", description: "Connections to servers that cameras are published to, by how they ended or that they live");
        _meter.CreateObservableGauge("edgecam.publish.live", () => outputs().Select(static output =>
            new Measurement<int>(output.State == "publishing" ? 1 : 0, new("output", output.Name), new("camera", output.Camera))), description: "1 while the output is published");
    }

    /// <param name="result"><c>published</c>, or <c>failed</c>.</param>
    public void Count(string output, string result) => _attempts.Add(1, new("output", output), new("result", result));

    public void Dispose() => _meter.Dispose();
}
