using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>A camera of which only the asking for key frames matters.</summary>
/// <param name="asked">What it does then.</param>
internal sealed class KeyFrameSource(Action asked) : ICameraSource
{
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => Task.CompletedTask;

    public bool RequestKeyFrame()
    {
        Interlocked.Increment(ref _requests);
        asked();
        return true;
    }
}
