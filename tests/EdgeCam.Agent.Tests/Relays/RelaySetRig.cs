using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>A loop's relays without the loop: real sockets, names that the test resolves, and a clock that it puts forward.</summary>
internal sealed class RelaySetRig : IRelayUsers, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly Task _dialing;
    private TimeSpan _skew;

    /// <param name="urls">Of servers that know alice.</param>
    public RelaySetRig(params string[] urls)
    {
        var servers = urls.Select(url =>
        {
            Assert.True(TurnAddress.TryParse(url, out var address), url);
            return TurnServer.WithPassword(address!, "alice", "secret", isForViewers: false);
        });
        Inbox = new(new());
        Relays = new(new([.. servers], null, "cam", TimeSpan.FromHours(1)), Port, Inbox.Wake, this, TimeProvider.System, Log, LookUpAsync);
        _dialing = Relays.RunDialerAsync(_stop.Token);
    }

    public MediaPort Port { get; } = new(0);

    public LoopInbox Inbox { get; }

    public RelaySet Relays { get; }

    public LogLines<RelaySet> Log { get; } = new();

    /// <summary>What names lead to; any other leads to 127.0.0.1.</summary>
    public Dictionary<string, IPAddress[]> Names { get; } = [];

    /// <summary>Each attempt: the name, and when.</summary>
    public ConcurrentQueue<(string Name, Instant At)> Dials { get; } = new();

    public int Count { get; set; } = 1;

    public int Live { get; private set; }

    public Instant Now => MonotonicClock.Now + _skew;

    public Task WantAsync()
    {
        var ready = new TaskCompletionSource();
        Relays.Want(ready, Now);
        return ready.Task;
    }

    /// <param name="step">By which the clock is put forward between looks.</param>
    public async Task RunUntilAsync(Func<bool> condition, string what, TimeSpan step = default)
    {
        var began = MonotonicClock.Now;
        while (!condition())
        {
            Assert.True(MonotonicClock.Now - began < TimeSpan.FromSeconds(30), $"{what}: not within 30 s\n{string.Join('\n', Log.Lines)}");
            Exchange();
            do
                await Task.Delay(1);
            while (TakeDialed());
            _skew += step;
        }
    }

    public Task RunForAsync(TimeSpan time, TimeSpan step)
    {
        var end = Now + time;
        return RunUntilAsync(() => Now >= end, "the end of it", step);
    }

    public void AddRelayedAddress(LocalAddress address, Instant now) => Live++;

    public void RemoveRelayedAddress(TransportAddress address, Instant now) => Live--;

    public void EndRelayedAddresses(Instant now)
    {
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
    }

    public async ValueTask DisposeAsync()
    {
        Relays.CloseAll(Now);
        await _stop.CancelAsync();
        await _dialing;
        Relays.Dispose();
        Inbox.Dispose();
        Port.Dispose();
        _stop.Dispose();
    }

    private Task<IPAddress[]> LookUpAsync(string name, CancellationToken stop)
    {
        Dials.Enqueue((name, Now));
        return Task.FromResult(Names.GetValueOrDefault(name, [IPAddress.Loopback]));
    }

    /// <summary>The clock stands while names are looked up: what these say of times is exact.</summary>
    private bool TakeDialed()
    {
        if (Relays.IsDialing)
            Relays.HandleTimeouts(Now);
        return Relays.IsDialing;
    }

    private void Exchange()
    {
        var now = Now;
        foreach (var socket in Port.Sockets)
        {
            EndPoint from = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            while (socket.Available > 0)
            {
                var length = socket.ReceiveFrom(_buffer, ref from);
                var remote = (IPEndPoint)from;
                Relays.TryHandle(_buffer.AsSpan(0, length), new(default, TransportAddress.From(remote.Address, remote.Port)), now);
            }
        }

        Relays.HandleTimeouts(now);
        var hasSent = false;
        while (Relays.TryTransmit(_buffer, now, out var transmit))
        {
            var remote = transmit.Path.Remote;
            Port.Sockets[Port.IndexFor(remote)].SendTo(_buffer.AsSpan(0, transmit.Length), new IPEndPoint(remote.ToIPAddress(), remote.Port));
            hasSent = true;
        }

        if (hasSent)
            Port.Sockets[0].Poll(s_patience, SelectMode.SelectRead); // however busy the machine is: the clock runs ahead of servers
    }
}
