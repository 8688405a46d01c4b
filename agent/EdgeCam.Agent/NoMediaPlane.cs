using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent;

/// <summary>Stands where the media plane belongs, until it is there.</summary>
internal sealed class NoMediaPlane(AgentOptions options) : IMediaPlane, IViewerGateway, IWhepGateway
{
    private const string Words = "this build has no media plane";

    public IViewerGateway Viewers => this;

    public IWhepGateway Whep => this;

    public IReadOnlyList<CameraReport> Cameras { get; } = [.. options.Cameras.Select(camera => new CameraReport(camera.Name, "starting", camera.Width, camera.Height))];

    public int ViewerCount => 0;

    public static IMediaPlane Create(AgentOptions options, ControlDispatcher control, DropCounters drops, ILoggerFactory logs) => new NoMediaPlane(options);

    public Task RunAsync(CancellationToken stop) => Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);

    public Task<ViewerAnswer> OfferAsync(ViewerOffer offer, CancellationToken stop) => Task.FromResult(ViewerAnswer.Refuse(503, Words));

    public void AddCandidate(SessionKey session, string candidate)
    {
    }

    public void Close(SessionKey session, string reason)
    {
    }

    public Task<WhepAnswer> OfferAsync(WhepOffer offer, CancellationToken stop) => Task.FromResult(WhepAnswer.Refuse(503, Words));

    public void AddCandidate(string session, string candidate)
    {
    }

    public void Close(string session)
    {
    }

    public void Dispose()
    {
    }
}
