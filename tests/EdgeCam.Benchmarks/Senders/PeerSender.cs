using System.Globalization;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>Another WebRTC stack, as one of the programs in <c>peers/</c> uses it.</summary>
internal sealed class PeerSender : Sender
{
    private static readonly TimeSpan s_ready = TimeSpan.FromSeconds(30);

    private readonly Uri _whep;
    private int _id;

    private PeerSender(string name, ChildProcess process, Uri whep)
        : base(name, process)
    {
        _whep = whep;
    }

    /// <summary>Some of them are two processes: this is the one that sends.</summary>
    public override int Id => _id;

    public static async Task<PeerSender> StartAsync(string name, IReadOnlyList<string> command, Clip clip)
    {
        var port = FreePort.Tcp();
        var process = ChildProcess.Start(command[0], [.. command.Skip(1), port.ToString(CultureInfo.InvariantCulture)]);
        var sender = new PeerSender(name, process, new($"http://127.0.0.1:{port}/whep"));
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

    public override Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer) => JoinByHttpAsync(_whep, loop, viewer);
}
