using System.Globalization;
using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>A viewer on a real socket. Tests reach into it between two of its turns.</summary>
internal sealed class SocketViewer : IDisposable
{
    private readonly SocketLoop _loop;
    private long _messages;

    public SocketViewer()
    {
        _loop = new(viewer =>
        {
            _messages += viewer.Messages.Count;
            viewer.Messages.Clear();
        });
        Offer = _loop.Ask(viewer => viewer.Offer);
    }

    public string Offer { get; }

    public string Answer { get; private set; } = "";

    public bool IsConnected => Ask(viewer => viewer.IsConnected);

    public string? Failure => Ask(viewer => viewer.Failure);

    public int Pictures => Ask(viewer => viewer.Video.PictureCount);

    public int Missing => Ask(viewer => viewer.Video.Missing().Count);

    /// <summary>On data channels.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Where the agent's first candidate is.</summary>
    public EndPoint Agent { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>Where it sends to.</summary>
    public TransportAddress Sending => Ask(viewer => viewer.Ice.SelectedPath?.Remote ?? default);

    /// <inheritdoc cref="SocketLoop.IsHanging"/>
    public bool IsHanging { set => _loop.IsHanging = value; }

    public void Begin(string answer)
    {
        Answer = answer;
        var candidate = answer.Split("a=candidate:")[1].Split(' ');
        Agent = new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], CultureInfo.InvariantCulture));
        HandleAnswer(answer);
    }

    /// <summary>A further answer, to <see cref="VirtualViewer.Restart"/>.</summary>
    public void HandleAnswer(string answer) => _loop.HandleAnswer(answer);

    /// <inheritdoc cref="SocketLoop.Answer"/>
    public string AnswerTo(string offer) => _loop.Answer(offer);

    public T Ask<T>(Func<VirtualViewer, T> question) => _loop.Ask(question);

    public ushort OpenChannel(string label, bool isReliable = true) => Ask(viewer =>
    {
        Assert.True(viewer.Channels!.TryOpen(label, "edgecam.control.v1", isReliable ? ChannelReliability.Reliable : new(IsOrdered: false, MaxRetransmits: 0), out var id));
        return id;
    });

    /// <returns>False where its send buffer is full.</returns>
    public bool Say(ushort channel, ReadOnlySpan<byte> message)
    {
        var bytes = message.ToArray();
        return Ask(viewer => viewer.Channels!.Send(channel, bytes, isText: true, MonotonicClock.Now));
    }

    /// <summary>Any bytes, from the viewer's own port.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram) => _loop.SendRaw(datagram, Agent);

    public void Dispose() => _loop.Dispose();
}
