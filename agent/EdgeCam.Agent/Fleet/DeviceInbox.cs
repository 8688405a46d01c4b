using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Fleet;

/// <summary>What devices say below one or several topics, in a queue for each device that is listened to.</summary>
/// <remarks>Bound: 64 messages of a device; the oldest goes, since the newest says how it stands.</remarks>
internal sealed class DeviceInbox(FleetSession session)
{
    private const int MaxWaiting = 64;

    private readonly ConcurrentDictionary<string, Channel<JsonElement>> _queues = new(StringComparer.Ordinal);

    /// <param name="device">One, or <c>+</c>.</param>
    /// <param name="below">The topic below the device's name.</param>
    public Task ListenAsync(string device, string below) => session.Connection.SubscribeAsync(session.Settings.Topic(device, below), Take, stop: session.Stop);

    /// <summary>The queue of a device, from now on. To be called before it is asked for what the messages tell of.</summary>
    public ChannelReader<JsonElement> Of(string device) =>
        _queues.GetOrAdd(device, static _ => Channel.CreateBounded<JsonElement>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest })).Reader;

    public void Forget(string device) => _queues.TryRemove(device, out _);

    /// <summary>The next message; null where none came in time.</summary>
    public static async Task<JsonElement?> NextAsync(ChannelReader<JsonElement> queue, TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        if (limit <= TimeSpan.Zero)
            return queue.TryRead(out var waiting) ? waiting : null;
        using var end = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, end.Token);
        try
        {
            return await queue.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Take(MqttMessage message)
    {
        if (session.Settings.DeviceOf(message.Topic) is { } device && _queues.TryGetValue(device, out var queue) && JsonReading.TryParse(message.Payload) is { } said)
            queue.Writer.TryWrite(said);
    }
}
