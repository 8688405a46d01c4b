using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent;

/// <summary>Cameras, streams and peers, as the rest of the program sees them.</summary>
internal interface IMediaPlane : IDisposable
{
    IViewerGateway Viewers { get; }

    IWhepGateway Whep { get; }

    /// <summary>As they are now; called from any thread.</summary>
    IReadOnlyList<CameraReport> Cameras { get; }

    /// <summary>Connected or connecting.</summary>
    int ViewerCount { get; }

    Task RunAsync(CancellationToken stop);

    /// <summary>Takes other settings while it runs, as far as they restart no more than a camera; called from any thread.</summary>
    void Apply(SettingsChange change, AgentOptions options)
    {
    }
}
