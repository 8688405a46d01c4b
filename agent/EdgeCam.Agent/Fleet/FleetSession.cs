using System.Collections.Concurrent;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Fleet;

/// <summary>One command at work: its connection, its devices' answers, and where it writes.</summary>
internal sealed class FleetSession : IDisposable
{
    /// <summary>So many topics are subscribed to by name; of more devices all are.</summary>
    private const int MaxNamed = 8;

    /// <summary>Of devices whose retained messages are kept.</summary>
    private const int MaxDevices = 200_000;

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop;

    private FleetSession(FleetSettings settings, FleetConnection connection, FleetConsole console, TimeProvider time, CancellationTokenSource stop)
    {
        (Settings, Connection, Console, Time, _stop) = (settings, connection, console, time, stop);
        Calls = new(connection, settings, time);
    }

    public FleetSettings Settings { get; }

    public FleetConnection Connection { get; }

    public FleetConsole Console { get; }

    public TimeProvider Time { get; }

    public DeviceCalls Calls { get; }

    /// <summary>Cancelled where the operator interrupts, and where the broker stays away.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Runs a command with a connection, from its beginning to a clean end.</summary>
    /// <exception cref="FleetException">The broker is not to be had, or stayed away.</exception>
    public static async Task<int> RunAsync(FleetArguments arguments, FleetConsole console, TimeProvider time, Func<FleetSession, Task<int>> command, CancellationToken stop)
    {
        using var settings = FleetSettings.Of(arguments, time);
        await using var connection = new FleetConnection(settings, time, console.Say);
        await connection.ConnectAsync(stop);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, connection.Lost);
        using var session = new FleetSession(settings, connection, console, time, both);
        try
        {
            return await command(session);
        }
        catch (OperationCanceledException) when (connection.Problem is { } problem)
        {
            throw new FleetException(ExitCode.Broker, problem);
        }
    }

    /// <summary>What the broker keeps of these devices below their names; of devices that say nothing there, nothing.</summary>
    /// <param name="below">Such as <c>status</c>.</param>
    /// <param name="devices">Null: all.</param>
    /// <param name="later">Sees each message that comes afterwards.</param>
    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> ReadRetainedAsync(string below, IReadOnlyCollection<string>? devices, Action<string, MqttMessage>? later = null)
    {
        var found = new ConcurrentDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var isNamed = devices is { Count: <= MaxNamed };
        var wanted = devices?.ToHashSet(StringComparer.Ordinal);
        var watch = new QuietWatch(s_first, s_silence, Settings.Wait ?? s_longest, Time);
        var whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOver = false;
        foreach (var filter in isNamed ? devices!.Select(device => Settings.Topic(device, below)) : [Settings.Topic("+", below)])
            await Connection.SubscribeAsync(filter, Take, isRetained: true, isQueued: isNamed, Stop);
        if (isNamed)
            await Task.WhenAny(whole.Task, watch.WaitAsync(Stop));
        else if (!await watch.WaitAsync(Stop))
            Console.Say($"More was still coming after {(Settings.Wait ?? s_longest).TotalSeconds:0} s: --wait waits longer.");
        Stop.ThrowIfCancellationRequested();
        Volatile.Write(ref isOver, true);
        return found;

        void Take(MqttMessage message)
        {
            if (Settings.DeviceOf(message.Topic) is not { } device || wanted?.Contains(device) == false)
                return;
            if (Volatile.Read(ref isOver))
                later?.Invoke(device, message);
            if (found.Count >= MaxDevices && !found.ContainsKey(device))
                return;
            found[device] = message.Payload;
            watch.Hear();
            if (isNamed && found.Count == devices!.Count)
                whole.TrySetResult();
        }
    }

    public void Dispose() => Console.Progress.Clear();
}
