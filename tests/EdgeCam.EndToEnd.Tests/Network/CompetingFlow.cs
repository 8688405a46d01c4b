using System.Net;
using System.Net.Sockets;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A download by TCP to the viewer's site that takes what it can get.</summary>
internal sealed class CompetingFlow : IDisposable
{
    private readonly Socket _listener;
    private readonly Socket _from;
    private readonly Thread _sender;
    private readonly Thread _receiver;
    private long _received;

    public CompetingFlow(NetworkLab lab)
    {
        _listener = lab.Viewer.Router.Socket(SocketType.Stream);
        _listener.Bind(new IPEndPoint(IPAddress.Any, NetworkLab.ProbePort));
        _listener.Listen();
        _from = lab.Public.Socket(SocketType.Stream);
        _from.Connect(new IPEndPoint(IPAddress.Parse(NetworkLab.ViewerRouter), NetworkLab.ProbePort));
        var to = _listener.Accept();
        _sender = new Thread(() => Carry(buffer => _from.Send(buffer), isSender: true)) { IsBackground = true, Name = "download, from" };
        _receiver = new Thread(() =>
        {
            using (to)
                Carry(buffer => to.Receive(buffer), isSender: false);
        }) { IsBackground = true, Name = "download, to" };
        _sender.Start();
        _receiver.Start();
    }

    public long ReceivedBytes => Interlocked.Read(ref _received);

    public void Dispose()
    {
        _from.Close(0);
        _listener.Dispose();
        _sender.Join();
        _receiver.Join();
    }

    private void Carry(Func<byte[], int> step, bool isSender)
    {
        var buffer = new byte[16384];
        try
        {
            while (step(buffer) is > 0 and var count)
            {
                if (!isSender)
                    Interlocked.Add(ref _received, count);
            }
        }
        catch (SocketException)
        {
            // Closed from this side.
        }
        catch (ObjectDisposedException)
        {
            // The same, a moment earlier.
        }
    }
}
