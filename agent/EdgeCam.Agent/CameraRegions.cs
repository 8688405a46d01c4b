using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent;

/// <summary>Each camera's region of interest, between the camera that cuts it out and the head that moves inside the picture.</summary>
internal sealed class CameraRegions(IEnumerable<CameraOptions> cameras)
{
    private readonly Dictionary<string, RegionOfInterest> _regions = cameras.ToDictionary(camera => camera.Name, _ => new RegionOfInterest(), StringComparer.Ordinal);

    /// <summary>The camera's side.</summary>
    public RegionOfInterest Of(string camera) => _regions[camera];

    /// <summary>The head's side; null where there is no such camera.</summary>
    public IRegionOfInterest? For(string camera) => _regions.TryGetValue(camera, out var region) ? new HeadRegion(region) : null;

    private sealed class HeadRegion(RegionOfInterest region) : IRegionOfInterest
    {
        public bool IsAvailable => region.IsAvailable;

        public void Set(double x, double y, double width, double height) => region.Set(x, y, width, height);
    }
}
