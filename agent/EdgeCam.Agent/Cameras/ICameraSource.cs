namespace EdgeCam.Agent.Cameras;

/// <summary>A camera. It restarts by itself whatever it runs; it ends only when stopped.</summary>
internal interface ICameraSource
{
    Task RunAsync(IAccessUnitSink sink, CancellationToken stop);

    /// <summary>Asks for an IDR picture soon. False where the source cannot give one. May be called from any thread.</summary>
    bool RequestKeyFrame();
}
