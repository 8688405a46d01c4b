using System.Threading.Channels;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Publishing;

/// <summary>
/// What the peers' loop tells of one connection, until its publisher has time for it. Bound: 64; policy: candidates leave room for what matters,
/// the newest beyond that is left out (the server finds the path by our checks all the same).
/// </summary>
internal sealed class OutputMailbox : IOutputObserver
{
    private const int Capacity = 64;
    private const int Reserved = 8; // for Connected and Closed, which come once, and restarts

    private readonly Channel<OutputNews> _news = Channel.CreateBounded<OutputNews>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    public ChannelReader<OutputNews> News => _news.Reader;

    public void OnCandidate(string candidate)
    {
        if (_news.Reader.Count < Capacity - Reserved)
            _news.Writer.TryWrite(new OutputNews.Candidate(candidate));
    }

    public void OnConnected(string path, string protection) => _news.Writer.TryWrite(new OutputNews.Connected(path, protection));

    public void OnRestart()
    {
        if (_news.Reader.Count < Capacity - 2)
            _news.Writer.TryWrite(new OutputNews.Restart());
    }

    public void OnClosed(CloseReason reason, string detail) => _news.Writer.TryWrite(new OutputNews.Closed(reason, detail));
}
