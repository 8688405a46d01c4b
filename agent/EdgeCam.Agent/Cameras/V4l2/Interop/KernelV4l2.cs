namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>The machine's own device nodes, and its time.</summary>
internal sealed class KernelV4l2 : IV4l2System
{
    public bool Exists(string path) => File.Exists(path); // follows links: /dev/v4l/by-id goes with its camera

    public IV4l2Node Open(string path) => new V4l2Device(LibC.Open(path));

    public void Pause(TimeSpan time, CancellationToken stop) => stop.WaitHandle.WaitOne(time > TimeSpan.Zero ? time : TimeSpan.Zero);
}
