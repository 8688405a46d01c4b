using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The messages of one kind, oldest first, bounded in number and octets. A message keeps its place until it is acknowledged, so that what a lost
/// connection leaves over is sent again in its order. Guarded by the queue's lock.
/// </summary>
/// <param name="stage">Under which its drops are counted.</param>
internal sealed class OutgoingLane(Queueing queueing, int maxCount, int maxBytes, Stage stage, DropCounters drops, TimeProvider time)
{
    /// <summary>Of connections that end while it is on its way: some brokers end them because of the message, and would for ever.</summary>
    private const int MaxAttempts = 5;

    private readonly LinkedList<OutgoingMessage> _messages = [];

    public int Count => _messages.Count;

    public long Bytes { get; private set; }

    public void Add(OutgoingMessage message)
    {
        if (message.Size > maxBytes)
        {
            drops.Count(stage, DropReason.Oversized);
            return;
        }

        if (queueing == Queueing.Newest && Waiting(message.Topic) is { } older)
            Drop(older, DropReason.Superseded);
        if (!HasRoom(message))
            DropExpired();
        while (!HasRoom(message))
        {
            if (queueing == Queueing.Keep || Oldest() is not { } oldest)
            {
                drops.Count(stage, DropReason.QueueFull);
                return;
            }

            Drop(oldest, DropReason.QueueFull);
        }

        _messages.AddLast(message);
        Bytes += message.Size;
    }

    /// <summary>The next one to send; null where none waits. It stays until <see cref="Remove"/> or <see cref="Return"/>.</summary>
    public OutgoingMessage? Take()
    {
        DropExpired();
        foreach (var message in _messages)
        {
            // Of one state the newer must not overtake the older: it waits for its acknowledgement.
            if (message.IsSending || (queueing == Queueing.Newest && IsSending(message.Topic)))
                continue;
            message.IsSending = true;
            return message;
        }

        return null;
    }

    /// <summary>It is acknowledged, or refused for good.</summary>
    public void Remove(OutgoingMessage message)
    {
        if (_messages.Remove(message))
            Bytes -= message.Size;
    }

    /// <summary>The connection ended, and nobody knows whether it arrived: once more on the next one, which QoS 1 allows.</summary>
    public void Return(OutgoingMessage message)
    {
        message.IsSending = false;
        message.Attempts++;
        if (queueing == Queueing.Newest && _messages.Any(other => other != message && other.Topic == message.Topic))
            Drop(message, DropReason.Superseded);
        else if (message.Attempts >= MaxAttempts)
            Drop(message, DropReason.Unsendable);
    }

    public void Drop(OutgoingMessage message, DropReason reason)
    {
        Remove(message);
        drops.Count(stage, reason);
    }

    private bool HasRoom(OutgoingMessage message) => _messages.Count < maxCount && Bytes + message.Size <= maxBytes;

    private OutgoingMessage? Oldest() => _messages.FirstOrDefault(static message => !message.IsSending);

    private OutgoingMessage? Waiting(string topic) => _messages.FirstOrDefault(message => message.Topic == topic && !message.IsSending);

    private bool IsSending(string topic) => _messages.Any(message => message.Topic == topic && message.IsSending);

    private void DropExpired()
    {
        for (var node = _messages.First; node is not null;)
        {
            var next = node.Next;
            if (!node.Value.IsSending && node.Value.Left(time) <= TimeSpan.Zero)
                Drop(node.Value, DropReason.Expired);
            node = next;
        }
    }
}
