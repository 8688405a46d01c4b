using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>The media plane left out.</summary>
internal sealed class FakePlane(FakeGateway gateway, bool fails = false) : IMediaPlane
{
    public IViewerGateway Viewers => gateway;

    public IWhepGateway Whep => gateway;

    public IReadOnlyList<CameraReport> Cameras { get; } = [new("cam0", "live", 1280, 720)];

    public int ViewerCount => 0;

    public IReadOnlyList<StreamFigures> Streams { get; } = [new("cam0", 0, 0, 0)];

    public Action<ViewerChange>? OnViewerChanged { get; set; }

    public Task<IReadOnlyList<ViewerReport>> DescribeViewersAsync() => Task.FromResult<IReadOnlyList<ViewerReport>>([]);

    public async Task RunAsync(CancellationToken stop)
    {
        if (fails)
            throw new InvalidOperationException("no camera");
        var stopped = new TaskCompletionSource();
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
    }

    public void Dispose()
    {
    }
}
