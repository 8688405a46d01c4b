using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>
/// TURN over a UDP socket of its own. A server has one allocation for one address of ours: where the media port's is still held by a former
/// allocation (before a restart, or with credentials that the server no longer takes), the next one needs another port.
/// </summary>
internal sealed class RelayDatagrams : IRelayConnection
{
    private readonly Socket _socket;
    private readonly ReceivedMessages _received;
    private long _dropped;
    private volatile bool _hasEnded;

    /// <param name="socket">Connected to the server; closed with this.</param>
    public RelayDatagrams(Socket socket, WakeSignal wake)
    {
        (_socket, _received) = (socket, new(wake));
        socket.Blocking = false;
        Path = socket.Path();
    }

    public NetworkPath Path { get; }

    public bool IsStream => false;

    public bool HasEnded => _hasEnded;

    public long Dropped => Interlocked.Read(ref _dropped) + _received.Dropped;

    public bool TrySend(ReadOnlySpan<byte> message)
    {
        try
        {
            if (!_hasEnded && _socket.Send(message, SocketFlags.None, out var error) == message.Length && error == SocketError.Success)
                return true;
        }
        catch (ObjectDisposedException)
        {
            // It ended in between.
        }

        Interlocked.Increment(ref _dropped);
        return false;
    }

    public bool TryReceive(out byte[] buffer, out int length) => _received.TryTake(out buffer, out length);

    public void Return(byte[] buffer) => ReceivedMessages.Return(buffer);

    public async Task RunAsync(CancellationToken stop)
    {
        var buffer = new byte[ushort.MaxValue];
        try
        {
            while (true)
            {
                try
                {
                    _received.Offer(buffer.AsSpan(0, await _socket.ReceiveAsync(buffer, stop)));
                    _received.Wake();
                }
                catch (SocketException unreachable) when (unreachable.SocketErrorCode == SocketError.ConnectionRefused)
                {
                    // An ICMP answer to what was sent: the client notices by itself, and the server may come back.
                    await Task.Delay(TimeSpan.FromMilliseconds(100), stop);
                }
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Over, which its owner sees.
        }

        Dispose();
        _received.Wake();
    }

    public void Dispose()
    {
        _hasEnded = true;
        _socket.Dispose();
    }
}
