using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary>
/// Allocates at a TURN server as the agent does, and sends datagrams through the relay to ourselves: from the relayed address to itself, and
/// from a socket beside it, since a server or its firewall may refuse either.
/// </summary>
internal sealed class RelayProbe(TurnServer server, RelaySettings settings)
{
    private const int TokenSize = 16;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_repeat = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_allocatePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_relayPatience = TimeSpan.FromSeconds(3);

    /// <returns>Whether it works, and a sentence.</returns>
    public async Task<(bool Works, string Words)> RunAsync(CancellationToken stop)
    {
        using var wake = new WakeSignal();
        var dialer = new RelayDialer(settings.CaFile, static _ => false, wake);
        var dialed = await dialer.DialAsync(new(1, server.Address, default, HasOwnSocket: true, AddressIndex: 0), stop);
        if (dialed.Connection is not { } connection)
            return (false, dialed.Failure!);

        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = connection.RunAsync(scope.Token);
        try
        {
            return await UseAsync(connection, stop);
        }
        finally
        {
            await scope.CancelAsync();
            await running;
            connection.Dispose();
        }
    }

    private async Task<(bool Works, string Words)> UseAsync(IRelayConnection connection, CancellationToken stop)
    {
        var credential = server.Mint(settings.DeviceName, DateTimeOffset.UtcNow, settings.CredentialLifetime);
        var client = new TurnClient(
            new(connection.Path, connection.IsStream, credential.Username, credential.Password, new SystemRandom()), MonotonicClock.Now);
        var token = RandomNumberGenerator.GetBytes(TokenSize);
        token[0] = 0; // as if it were STUN: under a permission, without a channel

        TurnEvent.Allocated? allocated = null;
        var began = Stopwatch.StartNew();
        while (allocated is null)
        {
            _ = Exchange(client, connection, token);
            while (client.TryGetEvent(out var turnEvent))
            {
                if (turnEvent is TurnEvent.Failed failed)
                    return (false, RelayWords.Failure(server, failed, wasAllocated: false));
                allocated = turnEvent as TurnEvent.Allocated ?? allocated;
            }

            if (began.Elapsed > s_allocatePatience)
                return (false, RelayWords.Failure(server, new(TurnFailure.NoAnswer, 0), wasAllocated: false));
            await Task.Delay(s_tick, stop);
        }

        var distance = (long)(client.RoundTripTime?.TotalMilliseconds ?? began.Elapsed.TotalMilliseconds);
        var through = await SendThroughAsync(client, connection, allocated, token, stop);
        client.Close(MonotonicClock.Now);
        _ = Exchange(client, connection, token);
        await Task.Delay(s_repeat, stop); // the answer: the server has taken it back
        return through is { } time
            ? (true, $"gives relayed addresses ({allocated.Relayed}) and relays; the server is {distance} ms away, through it and back takes {(long)time.TotalMilliseconds} ms")
            : (false, $"gives relayed addresses ({allocated.Relayed}), but what is sent there does not come back: let UDP reach the server's relay ports "
                + "(coturn: min-port to max-port), set its external-ip where it is behind a NAT, and see its denied-peer-ip");
    }

    private static async Task<TimeSpan?> SendThroughAsync(
        TurnClient client, IRelayConnection connection, TurnEvent.Allocated allocated, byte[] token, CancellationToken stop)
    {
        using var beside = new Socket(allocated.Relayed.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        var relayed = new IPEndPoint(allocated.Relayed.ToIPAddress(), allocated.Relayed.Port);
        var (began, sent) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        for (var next = TimeSpan.Zero; began.Elapsed < s_relayPatience; await Task.Delay(s_tick, stop))
        {
            if (began.Elapsed >= next)
            {
                next = began.Elapsed + s_repeat;
                sent.Restart();
                Send(client, token, allocated.Relayed);
                Send(client, token, allocated.Mapped); // permits what comes from there
                try
                {
                    await beside.SendToAsync(token, relayed, stop);
                }
                catch (SocketException)
                {
                    // No way there by UDP from here: the other way may work.
                }
            }

            if (Exchange(client, connection, token))
                return sent.Elapsed;
        }

        return null;
    }

    private static void Send(TurnClient client, byte[] token, TransportAddress peer) =>
        client.TryFrame([.. token], new(new(client.RelayedAddress, peer), token.Length, token.Length), MonotonicClock.Now, out _);

    /// <returns>True where the token came back.</returns>
    private static bool Exchange(TurnClient client, IRelayConnection connection, byte[] token)
    {
        var now = MonotonicClock.Now;
        var hasCome = false;
        while (connection.TryReceive(out var buffer, out var length))
        {
            var input = client.HandleDatagram(buffer.AsSpan(0, length), now, out var payload, out _);
            hasCome |= input == TurnInput.Data && payload.SequenceEqual(token);
            connection.Return(buffer);
        }

        if (connection.HasEnded)
            client.HandleDisconnected();
        if (client.NextTimeout <= now)
            client.HandleTimeout(now);
        Span<byte> message = stackalloc byte[4096];
        while (client.TryTransmit(message, now, out var transmit))
            connection.TrySend(message[..transmit.Length]);
        return hasCome;
    }
}
