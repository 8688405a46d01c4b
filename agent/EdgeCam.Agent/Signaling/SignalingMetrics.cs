using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Signaling;

/// <summary>What signaling does, in numbers. What it drops is in <c>edgecam.drops</c>.</summary>
internal sealed class SignalingMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _messages;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _answerTime;

    public SignalingMetrics()
    {
        _messages = _meter.CreateCounter<long>("edgecam.signaling.messages", unit: "{message}", description: "Valid messages from viewers, by type");
        _answers = _meter.CreateCounter<long>("edgecam.signaling.answers", unit: "{answer}", description: "Offers answered, by code; 0 is an acceptance");
        _answerTime = _meter.CreateHistogram<double>("edgecam.signaling.answer_time", unit: "s", description: "From an offer to its answer");
    }

    /// <param name="type">One of the four that exist: a viewer cannot make up more.</param>
    public void Received(string type) => _messages.Add(1, new KeyValuePair<string, object?>("type", type));

    public void Answered(int code, TimeSpan time)
    {
        _answers.Add(1, new KeyValuePair<string, object?>("code", code));
        _answerTime.Record(time.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}
