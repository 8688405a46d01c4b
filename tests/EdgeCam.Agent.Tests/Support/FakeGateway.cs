using System.Collections.Concurrent;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>Stands for the peers: answers as told and keeps what it was asked.</summary>
internal sealed class FakeGateway : IViewerGateway, IWhepGateway
{
    public ConcurrentQueue<ViewerOffer> Offers { get; } = new();

    public ConcurrentQueue<WhepOffer> WhepOffers { get; } = new();

    public ConcurrentQueue<(string Session, string Candidate)> Candidates { get; } = new();

    public ConcurrentQueue<(string Session, string Reason)> Closed { get; } = new();

    /// <summary>A fault, a refusal or an answer; at once or later.</summary>
    public Func<string, Task<ViewerAnswer>> Answer { get; set; } = sdp => Task.FromResult(ViewerAnswer.Accept("answer to " + sdp));

    /// <summary>Sees each candidate, and may fail as a bug would.</summary>
    public Action<string> OnCandidate { get; set; } = static _ => { };

    public Task<ViewerAnswer> OfferAsync(ViewerOffer offer, CancellationToken stop)
    {
        Offers.Enqueue(offer);
        return Answer(offer.Sdp);
    }

    public void AddCandidate(SessionKey session, string candidate)
    {
        OnCandidate(candidate);
        Candidates.Enqueue((session.ToString(), candidate));
    }

    public void Close(SessionKey session, string reason) => Closed.Enqueue((session.ToString(), reason));

    public async Task<WhepAnswer> OfferAsync(WhepOffer offer, CancellationToken stop)
    {
        WhepOffers.Enqueue(offer);
        var answer = await Answer(offer.Sdp);
        return answer.Sdp is null ? WhepAnswer.Refuse(answer.Code, answer.Message) : WhepAnswer.Accept(answer.Sdp);
    }

    public ConcurrentQueue<WhepRestart> Restarts { get; } = new();

    public async Task<WhepAnswer> RestartAsync(WhepRestart restart, CancellationToken stop)
    {
        Restarts.Enqueue(restart);
        var answer = await Answer(restart.UsernameFragment);
        return answer.Sdp is null ? WhepAnswer.Refuse(answer.Code, answer.Message) : WhepAnswer.Accept(answer.Sdp);
    }

    public void AddCandidate(string session, string candidate) => Candidates.Enqueue((session, candidate));

    public void Close(string session) => Closed.Enqueue((session, ""));
}
