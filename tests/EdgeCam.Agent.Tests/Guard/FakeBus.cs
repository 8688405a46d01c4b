using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>A simulated bus or chip behind a unix socket, as the agreed wire has it; the test says what it answers.</summary>
/// <param name="answer">What was asked, without lengths; null: no answer, ever.</param>
internal sealed class FakeBus : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly bool _isI2c;
    private readonly Func<byte[], int, byte[]?> _answer;
    private Socket? _last;

    public FakeBus(bool isI2c, Func<byte[], int, byte[]?> answer)
    {
        (_isI2c, _answer) = (isI2c, answer);
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"edgecam-{Guid.NewGuid():N}");

    public ConcurrentQueue<(long At, byte[] Data)> Asked { get; } = [];

    public void Send(byte[] message) => _last!.Send(message);

    public void Drop() => _last!.Dispose();

    public void Dispose()
    {
        _listener.Dispose();
        _last?.Dispose();
        File.Delete(Path);
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var peer = _last = _listener.Accept();
                new Thread(() => Serve(peer)) { IsBackground = true }.Start();
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
        }
    }

    private void Serve(Socket peer)
    {
        try
        {
            using var stream = new NetworkStream(peer, ownsSocket: true);
            var header = new byte[_isI2c ? 5 : 2];
            while (true)
            {
                stream.ReadExactly(header);
                var read = _isI2c ? BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(3)) : 0;
                var body = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(_isI2c ? 1 : 0))];
                stream.ReadExactly(body);
                byte[] asked = _isI2c ? [header[0], .. body] : body;
                Asked.Enqueue((Stopwatch.GetTimestamp(), asked));
                if (_answer(asked, read) is { } answer)
                    stream.Write(_isI2c ? answer : [(byte)answer.Length, 0, .. answer]);
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
        }
    }
}
