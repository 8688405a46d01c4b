using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>TURN over TCP or TLS. What waits to be written is bounded, so that a slow path shows as loss and delay instead of a growing queue.</summary>
internal sealed class RelayStream : IRelayConnection
{
    private const int MaxWaiting = 128 * 1024;
    private const int TcpLevel = 6;
    private const int NotSentLowWater = 25; // TCP_NOTSENT_LOWAT: the kernel's own queue stays short, congestion window or not
    private const int MaxNotSent = 32 * 1024;

    private readonly Stream _stream;
    private readonly ReceivedMessages _received;
    private readonly Lock _turn = new();
    private readonly SemaphoreSlim _isFilled = new(0, 1);
    private byte[] _filling = new byte[MaxWaiting];
    private byte[] _writing = new byte[MaxWaiting];
    private int _filled;
    private long _dropped;
    private volatile bool _hasEnded;

    /// <param name="stream">The socket's own, or TLS over it; closed with this.</param>
    public RelayStream(Socket socket, Stream stream, WakeSignal wake)
    {
        (_stream, _received) = (stream, new(wake));
        Path = socket.Path();
        socket.NoDelay = true;
        socket.SetRawSocketOption(TcpLevel, NotSentLowWater, BitConverter.GetBytes(MaxNotSent));
    }

    public NetworkPath Path { get; }

    public bool IsStream => true;

    public bool HasEnded => _hasEnded;

    public long Dropped => Interlocked.Read(ref _dropped) + _received.Dropped;

    public bool TrySend(ReadOnlySpan<byte> message)
    {
        var size = message.Length + ChannelData.Padding(message.Length);
        lock (_turn)
        {
            if (_hasEnded || _filled + size > MaxWaiting)
            {
                Interlocked.Increment(ref _dropped);
                return false;
            }

            message.CopyTo(_filling.AsSpan(_filled));
            _filling.AsSpan(_filled + message.Length, size - message.Length).Clear();
            _filled += size;
            if (_filled == size)
                _isFilled.Release();
            return true;
        }
    }

    public bool TryReceive(out byte[] buffer, out int length) => _received.TryTake(out buffer, out length);

    public void Return(byte[] buffer) => ReceivedMessages.Return(buffer);

    /// <summary>Until either end closes.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] running = [ReadAsync(scope.Token), WriteAsync(scope.Token)];
        try
        {
            await Task.WhenAny(running);
            await scope.CancelAsync();
            await Task.WhenAll(running);
        }
        finally
        {
            Dispose();
            _received.Wake(); // its owner sees that it has ended, for whatever reason
        }
    }

    public void Dispose()
    {
        _hasEnded = true;
        _stream.Dispose();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        var reader = new TurnStreamReader();
        try
        {
            while (!reader.IsBroken)
            {
                var count = await _stream.ReadAsync(reader.Free, stop);
                if (count == 0)
                    return;
                reader.Advance(count);
                while (reader.TryRead(out var message))
                    _received.Offer(message);
                _received.Wake();
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over, which its owner sees.
        }
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _isFilled.WaitAsync(stop);
                int length;
                lock (_turn)
                {
                    (_filling, _writing) = (_writing, _filling);
                    (length, _filled) = (_filled, 0);
                }

                await _stream.WriteAsync(_writing.AsMemory(0, length), stop);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over, which its owner sees.
        }
    }
}
