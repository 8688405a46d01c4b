using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;
using EdgeCam.WebRtc.Ice;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>Another WebRTC stack, as one of the programs in <c>peers/</c> uses it.</summary>
internal sealed class PeerSender : Sender
{
    private static readonly TimeSpan s_ready = TimeSpan.FromSeconds(30);

    private readonly Uri _whep;
    private int _id;

    private readonly bool _makesOffers;

    private PeerSender(string name, ChildProcess process, Uri whep, bool makesOffers)
        : base(name, process)
    {
        (_whep, _makesOffers) = (whep, makesOffers);
    }

    /// <summary>GStreamer's webrtcbin does not survive several at once.</summary>
    public override int JoinsAtOnce => Name == SenderList.GStreamer ? 1 : base.JoinsAtOnce;

    /// <summary>Some of them are two processes: this is the one that sends.</summary>
    public override int Id => _id;

    /// <param name="makesOffers">It answers an empty request with an offer, and takes no viewer on loopback: Janus 1.1.</param>
    public static async Task<PeerSender> StartAsync(string name, IReadOnlyList<string> command, Clip clip, bool makesOffers = false)
    {
        if (makesOffers && IPAddress.IsLoopback(LoadLoop.Address))
            throw new InvalidOperationException($"this machine has no IPv4 address beside loopback, which {name} needs");
        var port = FreePort.Tcp();
        var process = ChildProcess.Start(command[0], [.. command.Skip(1), port.ToString(CultureInfo.InvariantCulture)]);
        var sender = new PeerSender(name, process, new($"http://127.0.0.1:{port}/whep"), makesOffers);
        try
        {
            var ready = await process.WaitForAsync("ready ", s_ready);
            sender._id = int.Parse(ready.Split(' ')[1], CultureInfo.InvariantCulture);
            sender.Feed = new(clip, process.Input, FeedFormat.Framed);
            return sender;
        }
        catch
        {
            await sender.DisposeAsync();
            throw;
        }
    }

    public override LoadViewer AddViewer(LoadLoop loop) => loop.Add(_makesOffers ? IceRole.Controlled : IceRole.Controlling);

    public override Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer) => _makesOffers ? AnswerAsync(loop, viewer) : JoinByHttpAsync(_whep, loop, viewer);

    private async Task<Func<Task>> AnswerAsync(LoadLoop loop, LoadViewer viewer)
    {
        viewer.OfferedAt = Stopwatch.GetTimestamp();
        using var offered = await Http.PostAsync(_whep, null);
        var offer = await offered.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        using var answer = new StringContent(loop.Answer(viewer, offer), new MediaTypeHeaderValue("application/sdp"));
        using var taken = await Http.PatchAsync(new Uri(_whep, offered.Headers.Location!), answer);
        taken.EnsureSuccessStatusCode();
        return static () => Task.CompletedTask;
    }
}
