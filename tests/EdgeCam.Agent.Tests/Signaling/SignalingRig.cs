using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>The signaling service with the broker and the peers left out and the time standing still.</summary>
/// <param name="start">What the clock shows; null: 1970.</param>
public abstract class SignalingRig(DateTimeOffset? start = null) : IAsyncDisposable
{
    private readonly SignalingMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();
    private SignalingService? _service;
    private AccessPolicy? _policy;
    private Task _running = Task.CompletedTask;

    internal static SessionKey Alice { get; } = new("alice", "session-0001");

    internal DeviceKeys Keys { get; } = DeviceKeys.CreateForThisRun();

    /// <summary>What renewals change.</summary>
    internal ViewerAccess Viewers { get; } = new();

    internal FakeGateway Gateway { get; } = new();

    internal ManualTime Time { get; } = new(start);

    internal DropCounters Drops { get; } = new();

    internal SignalingService Service => _service!;

    /// <summary>What was sent to viewers, to be read under its own lock.</summary>
    internal List<(SessionKey Key, JsonElement Message)> SentMessages { get; } = [];

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Time.Advance(TimeSpan.FromSeconds(11)); // for an offer that a failed test left without an answer
        await _running;
        _policy?.Dispose();
        Keys.Dispose();
        Drops.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the service; a further one takes the place of the one before.</summary>
    /// <param name="trust">Null: the device's own tokens alone.</param>
    internal void Start(
        SignalingLimits limits, Func<string, Deadline?, IceServerGrant>? iceServers = null, AccessMode mode = AccessMode.Open, TrustStore? trust = null, int sessionsOfOne = 16, int offersPerMinute = 6000)
    {
        _policy = new(mode, trust ?? new TrustStore("dev", Keys.Signing, Time), Keys.Signing, Time);
        _service = new(
            Gateway, () => new("dev", "Device", "1", [new("cam0", "live", 1280, 720)]), iceServers ?? ((_, _) => IceServerGrant.None), Keep,
            new(_policy, "dev", Keys.Identity, Viewers, new(sessionsOfOne, offersPerMinute, Time), Time), limits, Drops, Time, _metrics,
            NullLogger<SignalingService>.Instance);
        _running = Task.WhenAll(_running, _service.RunAsync(_stop.Token));
    }

    internal void Receive(string json, SessionKey? key = null) => Service.Receive(key ?? Alice, Encoding.UTF8.GetBytes(json));

    protected int Count(string type)
    {
        lock (SentMessages)
            return SentMessages.Count(sent => sent.Message.GetProperty("type").GetString() == type);
    }

    /// <summary>The n-th message of a type, once it was sent.</summary>
    protected async Task<JsonElement> Sent(string type, int number = 1)
    {
        await Wait.UntilAsync(() => Count(type) >= number, type);
        lock (SentMessages)
            return SentMessages.Where(sent => sent.Message.GetProperty("type").GetString() == type).ElementAt(number - 1).Message;
    }

    private void Keep(SessionKey key, byte[] message)
    {
        lock (SentMessages)
            SentMessages.Add((key, JsonElement.Parse(message)));
    }
}
