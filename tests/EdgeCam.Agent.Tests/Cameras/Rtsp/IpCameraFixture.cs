namespace EdgeCam.Agent.Tests.Cameras.Rtsp;

/// <summary>One IP camera for the tests of a class; made with the first one.</summary>
public sealed class IpCameraFixture : IDisposable
{
    private readonly Lazy<IpCamera> _camera = new(static () => new IpCamera());

    internal IpCamera Camera => _camera.Value;

    public void Dispose()
    {
        if (_camera.IsValueCreated)
            _camera.Value.Dispose();
    }
}
