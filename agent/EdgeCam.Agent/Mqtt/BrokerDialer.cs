using System.Net.Sockets;

namespace EdgeCam.Agent.Mqtt;

/// <summary>Makes the stream that MQTT is spoken over: TCP, then TLS, then a WebSocket, as far as the address asks for them.</summary>
internal sealed class BrokerDialer(BrokerAddress broker, BrokerTls tls)
{
    /// <summary>For TCP: the name's look-up and the handshake with all of its addresses.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="BrokerException">There is no stream; kind and words say why.</exception>
    /// <exception cref="OperationCanceledException">Stopped, or TLS or the WebSocket took too long.</exception>
    /// <param name="reached">Called when TCP is connected, before anything else is tried.</param>
    public async Task<Stream> DialAsync(Action reached, CancellationToken stop)
    {
        Stream stream = new NetworkStream(await ConnectAsync(stop), ownsSocket: true);
        try
        {
            reached();
            if (broker.IsSecure)
                stream = await tls.SecureAsync(stream, broker.Host, stop);
            if (broker.Path is not null)
                stream = await WebSocketUpgrade.RunAsync(stream, broker, stop);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
            timeout.CancelAfter(ConnectTimeout);
            // The name's look-up does not always heed the token.
            await socket.ConnectAsync(broker.Host, broker.Port, timeout.Token).AsTask().WaitAsync(timeout.Token);
            return socket;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is OperationCanceledException && !stop.IsCancellationRequested)
                throw new BrokerException(BrokerEndKind.Unreachable, BrokerWords.NoAnswer, failure);
            if (failure is SocketException { SocketErrorCode: var error })
            {
                var kind = error == SocketError.ConnectionRefused ? BrokerEndKind.NotListening : BrokerEndKind.Unreachable;
                throw new BrokerException(kind, BrokerWords.NotReached(error, failure.Message), failure);
            }

            throw;
        }
    }
}
