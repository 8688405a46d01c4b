using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent;

/// <summary>Cameras, streams and peers, as the rest of the program sees them.</summary>
internal interface IMediaPlane : IDisposable
{
    IViewerGateway Viewers { get; }

    IWhepGateway Whep { get; }

    /// <summary>As they are now; called from any thread.</summary>
    IReadOnlyList<CameraReport> Cameras { get; }

    /// <summary>What each camera runs with now; called from any thread.</summary>
    IReadOnlyList<CameraOptions> CameraOptions => [];

    /// <summary>Connected or connecting.</summary>
    int ViewerCount { get; }

    /// <summary>What each camera's stream has done so far; called from any thread.</summary>
    IReadOnlyList<StreamFigures> Streams { get; }

    /// <summary>The cameras' main streams, for whoever wants their pictures besides viewers.</summary>
    IReadOnlyList<LiveStream> LiveStreams => [];

    /// <summary>Told of each viewer that connects or ends. Called from the peers' loop: must not wait. To be set before it runs.</summary>
    Action<ViewerChange>? OnViewerChanged { get; set; }

    /// <summary>Null: there is nothing to publish.</summary>
    IOutputPeers? Outputs => null;

    /// <summary>How each viewer and output does now.</summary>
    Task<IReadOnlyList<ViewerReport>> DescribeViewersAsync();

    Task RunAsync(CancellationToken stop);

    /// <summary>Takes other settings while it runs, as far as they restart no more than a camera; called from any thread.</summary>
    void Apply(SettingsChange change, AgentOptions options)
    {
    }
}
