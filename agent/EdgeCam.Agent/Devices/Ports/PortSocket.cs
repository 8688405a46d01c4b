using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>The unix socket of simulated hardware; every wait is bounded.</summary>
internal sealed class PortSocket : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly Signal _interrupt;
    private readonly Socket _socket;

    private PortSocket(string path, Socket socket, Signal interrupt) => (_path, _socket, _interrupt) = (path, socket, interrupt);

    public SafeHandle Descriptor => _socket.SafeHandle;

    /// <exception cref="PortException">Nobody listens there.</exception>
    public static PortSocket Connect(string path, Signal interrupt)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = (int)s_patience.TotalMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new(path, socket, interrupt);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new PortException(new($"{path} does not answer: {failure.Message}", "Start what simulates it (edgecam-sims)."));
        }
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            if (_socket.Send(data) < data.Length)
                throw PortFaults.Blocked(_path, s_patience);
        }
        catch (SocketException failure)
        {
            throw Lost(failure.Message);
        }
    }

    /// <summary>Fills the buffer.</summary>
    /// <param name="isInterruptible">False: half a message would be lost, so that it is read to its end.</param>
    public void Read(Span<byte> buffer, bool isInterruptible = true)
    {
        var began = Stopwatch.GetTimestamp();
        while (buffer.Length > 0)
        {
            var rest = s_patience - Stopwatch.GetElapsedTime(began);
            if (rest <= TimeSpan.Zero)
                throw new PortException(new($"{_path} has not answered for {s_patience.TotalMilliseconds:0} ms", "Check what is behind it."));
            var (hasData, isInterrupted) = LibC.Poll(Descriptor, isInterruptible ? _interrupt.Descriptor : null, (int)Math.Ceiling(rest.TotalMilliseconds));
            if (hasData)
                buffer = buffer[Take(buffer)..];
            else if (isInterrupted)
                throw new PortInterruptedException();
        }
    }

    public void Dispose() => _socket.Dispose();

    private int Take(Span<byte> buffer)
    {
        try
        {
            return _socket.Receive(buffer) is > 0 and var count ? count : throw Lost("it was closed at the other end");
        }
        catch (SocketException failure)
        {
            throw Lost(failure.Message);
        }
    }

    private PortException Lost(string how) => new(new($"{_path} is gone: {how}", "It is used again once it is back."));
}
