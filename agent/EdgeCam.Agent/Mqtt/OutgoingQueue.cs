using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// What the device has to say while the broker is away, slow, or has not acknowledged it. Answers go first, since people wait for them, then what
/// happened, then how things are. What is dropped is counted, by reason; nothing is sent after its expiry. To be used from any thread.
/// </summary>
internal sealed class OutgoingQueue
{
    public const int MaxAnswers = 256;
    public const int MaxKept = 512;
    public const int MaxNewest = 64;

    private const int MaxAnswerBytes = 4 * 1024 * 1024;
    private const int MaxKeptBytes = 512 * 1024;
    private const int MaxNewestBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly OutgoingLane[] _lanes; // by Queueing, the most urgent first
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _time;

    public OutgoingQueue(DropCounters drops, TimeProvider time)
    {
        _time = time;
        _lanes =
        [
            new(Queueing.Answer, MaxAnswers, MaxAnswerBytes, Stage.Signaling, drops, time),
            new(Queueing.Keep, MaxKept, MaxKeptBytes, Stage.Report, drops, time),
            new(Queueing.Newest, MaxNewest, MaxNewestBytes, Stage.Report, drops, time),
        ];
    }

    /// <summary>Messages that wait, those without acknowledgement included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _lanes.Sum(static lane => lane.Count);
        }
    }

    /// <summary>Their octets.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _lanes.Sum(static lane => lane.Bytes);
        }
    }

    /// <summary>Policy: see <see cref="Queueing"/>.</summary>
    public void Add(string topic, ReadOnlyMemory<byte> payload, Queueing queueing, TimeSpan expiry, bool retain, ReadOnlyMemory<byte> correlationData)
    {
        lock (_lock)
            _lanes[(int)queueing].Add(new(topic, payload, queueing, expiry, retain, correlationData, _time.GetTimestamp()));
        Wake();
    }

    /// <summary>Ends when there may be something to take.</summary>
    /// <exception cref="OperationCanceledException">Stopped before.</exception>
    public async Task WaitAsync(CancellationToken stop) => await _due.Reader.ReadAsync(stop);

    /// <summary>The most urgent message that is not on its way yet, or null. To be given back by <see cref="Finish"/>, <see cref="Refuse"/> or <see cref="Return"/>.</summary>
    public OutgoingMessage? Take()
    {
        lock (_lock)
        {
            foreach (var lane in _lanes)
            {
                if (lane.Take() is { } message)
                    return message;
            }

            return null;
        }
    }

    /// <summary>The broker has it.</summary>
    public void Finish(OutgoingMessage message)
    {
        lock (_lock)
            _lanes[(int)message.Queueing].Remove(message);
        Wake();
    }

    /// <summary>The broker does not want it, and would not the next time.</summary>
    public void Refuse(OutgoingMessage message, DropReason reason)
    {
        lock (_lock)
            _lanes[(int)message.Queueing].Drop(message, reason);
        Wake();
    }

    /// <inheritdoc cref="OutgoingLane.Return"/>
    public void Return(OutgoingMessage message)
    {
        lock (_lock)
            _lanes[(int)message.Queueing].Return(message);
        Wake();
    }

    private void Wake() => _due.Writer.TryWrite(true);
}
