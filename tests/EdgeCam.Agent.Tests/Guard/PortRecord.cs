using System.Collections.Concurrent;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>A user of a port that writes down what it is told.</summary>
internal sealed class PortRecord : IPortUser
{
    public IDevicePort Port { get; set; } = null!;

    public ConcurrentQueue<string> Events { get; } = [];

    public int Opened => Events.Count(line => line == "opened");

    public DeviceFault? LastFault { get; private set; }

    public ConcurrentQueue<byte[]> Received { get; } = [];

    /// <summary>Tags, as the replies came.</summary>
    public ConcurrentQueue<int> Answered { get; } = [];

    public Action OnData { get; set; } = static () => { };

    public ConcurrentDictionary<int, (DeviceFault? Fault, byte[] Data)> Replies { get; } = [];

    public void OnOpened(Instant now) => Events.Enqueue("opened");

    public void OnReceived(ReadOnlySpan<byte> data, Instant now)
    {
        Received.Enqueue(data.ToArray());
        OnData();
    }

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        Replies[tag] = (fault, data.ToArray());
        Answered.Enqueue(tag);
    }

    public void OnFault(DeviceFault fault, Instant now)
    {
        LastFault = fault;
        Events.Enqueue($"fault: {fault.What}");
    }
}
