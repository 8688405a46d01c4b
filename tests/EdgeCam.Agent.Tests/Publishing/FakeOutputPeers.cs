using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Publishing;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Publishing;

/// <summary>The peers' loop left out: the offers are real, what becomes of them says the test.</summary>
internal sealed class FakeOutputPeers : IOutputPeers, IDisposable
{
    private readonly DtlsContext _dtls = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()));

    /// <summary>Why there is no offer; null: there is one.</summary>
    public string? NoOffer { get; set; }

    /// <summary>Why the answer is not taken; null: it is.</summary>
    public string? Refusal { get; set; }

    public bool TakesRestart { get; set; } = true;

    public bool HasPath { get; set; } = true;

    public Exception? Fault { get; set; }

    public List<string> Answers { get; } = [];

    public List<string> Restarts { get; } = [];

    public int Closed { get; private set; }

    public IOutputObserver? Observer { get; private set; }

    public Task<(PeerOffer? Offer, string Problem)> OfferAsync(string output, string camera, CancellationToken stop)
    {
        if (Fault is { } fault)
            throw fault;
        var options = new PeerConnectionOptions(_dtls, new SystemRandom(), MonotonicClock.ToNtp(), [], [], new(66, 0xE0, 31), camera);
        return Task.FromResult<(PeerOffer?, string)>(NoOffer is { } problem ? (null, problem) : (PeerConnection.CreateOffer(options, MonotonicClock.Now), ""));
    }

    public Task<string?> ConnectAsync(string output, string camera, PeerOffer offer, string answer, IOutputObserver observer)
    {
        Answers.Add(answer);
        Observer = observer;
        return Task.FromResult(Refusal);
    }

    public Task<string?> BeginRestartAsync(string output) => Task.FromResult<string?>("a=ice-ufrag:next\r\n");

    public Task<bool> FinishRestartAsync(string output, string fragment)
    {
        Restarts.Add(fragment);
        return Task.FromResult(TakesRestart);
    }

    public Task<bool> HasPathAsync(string output) => Task.FromResult(HasPath);

    public void Close(string output) => Closed++;

    public void Dispose() => _dtls.Dispose();
}
