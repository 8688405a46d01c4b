using System.Text;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>
/// Keeps what Home Assistant finds at the broker true, and takes its commands where they are allowed. Looks every five seconds, and at once
/// when a line changes. Bound: 32 commands wait, 5 a second are taken and 20 at once; what is above is dropped and counted.
/// </summary>
/// <param name="look">Cameras, heads' cameras and the board as they are now.</param>
/// <param name="connections">How many connections to the broker there have been; null while there is none.</param>
/// <param name="publish">Publishes a retained message; an empty one takes it away. Must not wait.</param>
internal sealed class HomeAssistantBridge(
    HomeAssistantTopics topics, HomeAssistantDiscovery discovery, HomeAssistantCalls calls, HomeAssistantMemory memory,
    Func<(IReadOnlyList<string> Cameras, IReadOnlyList<string> Heads, BoardSample Board)> look, Func<int?> connections, Action<string, byte[]> publish,
    DropCounters drops, TimeProvider time, ILogger<HomeAssistantBridge> log, Progress? progress = null)
{
    private const int MaxWaiting = 32;
    private const int MaxPayload = 256;
    private const double CommandsPerSecond = 5;
    private const double CommandBurst = 20;
    private const int MaxGone = 64;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = Progress.Longest; // each head is asked in turn, and may be slow to answer

    private readonly Channel<(string Topic, string Order)> _commands = Channel.CreateBounded<(string, string)>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }, _ => drops.Count(Stage.Control, DropReason.QueueFull));

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ClientLimiter _limiter = new(CommandsPerSecond, CommandBurst, clients: 1, time);
    private HomeAssistantMemory.Told _told = HomeAssistantMemory.Told.Nothing;
    private byte[] _discovery = [];
    private byte[] _state = [];
    private int? _connection;

    /// <summary>A line has changed. From any thread.</summary>
    public void Wake() => _due.Writer.TryWrite(true);

    /// <summary>Takes a command from the broker. Must not wait.</summary>
    public void Receive(MqttMessage message)
    {
        if (message.Retained)
            drops.Count(Stage.Control, DropReason.Retained); // what was wanted once is not wanted at each start
        else if (message.Oversized || message.Payload.Length > MaxPayload)
            drops.Count(Stage.Control, DropReason.Oversized);
        else
            _commands.Writer.TryWrite((message.Topic, Encoding.UTF8.GetString(message.Payload.Span)));
    }

    public async Task RunAsync(CancellationToken stop)
    {
        _told = memory.Load();
        await Task.WhenAll(KeepAsync(stop), TakeAsync(stop));
        progress?.Rest();
    }

    /// <summary>Publishes what is not true any more.</summary>
    internal async Task RefreshAsync()
    {
        if (connections() is not { } connection)
            return;
        var (cameras, headCameras, board) = look();
        var (heads, lines) = await calls.LookAsync(headCameras);
        var scene = new HomeAssistantScene(cameras, heads, lines, board);
        var (message, components) = discovery.Create(scene, _told.Components);
        var state = HomeAssistantDiscovery.State(scene);
        var isNew = connection != _connection; // the broker may have forgotten what it was told
        _connection = connection;
        if (isNew || !message.AsSpan().SequenceEqual(_discovery))
        {
            foreach (var former in _told.Topics.Except([topics.Discovery, topics.State]))
                publish(former, []); // told under another prefix
            // Kept before it is told: what is there can always be taken back.
            var gone = _told.Components.Where(known => !components.ContainsKey(known.Key)).Take(MaxGone);
            _told = new([topics.Discovery, topics.State], components.Concat(gone).ToDictionary(StringComparer.Ordinal));
            if (!memory.TrySave(_told))
                log.NotKept();
            publish(topics.Discovery, message);
            _discovery = message;
            log.Announced(components.Count, topics.Discovery);
        }

        if (isNew || !state.AsSpan().SequenceEqual(_state))
            publish(topics.State, state);
        _state = state;
    }

    internal async Task TakeAsync(string topic, string order)
    {
        if (!topics.TryParse(topic, out var isHead, out var name))
        {
            drops.Count(Stage.Control, DropReason.BadTopic);
            return;
        }

        if (!_limiter.TryTake("", 1, out _))
        {
            drops.Count(Stage.Control, DropReason.RateLimited);
            return;
        }

        if (await (isHead ? calls.MoveAsync(name, order) : calls.SwitchAsync(name, order)) is { } problem)
        {
            drops.Count(Stage.Control, DropReason.Forbidden);
            log.CommandRefused(name, problem);
        }
        else
        {
            log.CommandDone(name);
        }

        Wake();
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        using var timer = time.CreateTimer(_ => Wake(), null, TimeSpan.Zero, s_interval);
        try
        {
            await foreach (var _ in _due.Reader.ReadAllAsync(stop))
            {
                progress?.Within(s_patience);
                await RefreshAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped; the availability says that we are offline.
        }
    }

    private async Task TakeAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var (topic, order) in _commands.Reader.ReadAllAsync(stop))
                await TakeAsync(topic, order);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
