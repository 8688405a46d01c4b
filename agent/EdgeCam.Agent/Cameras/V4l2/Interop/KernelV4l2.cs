using EdgeCam.Agent.Cameras.V4l2.M2m;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>The machine's own device nodes, and its time.</summary>
internal sealed class KernelV4l2 : IV4l2System
{
    private const string Folder = "/dev";
    private const string Prefix = "video";

    public bool Exists(string path) => File.Exists(path); // follows links: /dev/v4l/by-id goes with its camera

    public IV4l2Node Open(string path) => new V4l2Device(LibC.Open(path));

    public IM2mNode OpenEncoder(string path) => new M2mDevice(LibC.Open(path));

    public IReadOnlyList<string> ListNodes() =>
    [
        .. Directory.EnumerateFileSystemEntries(Folder, Prefix + "*")
            .Select(static path => (Path: path, Number: int.TryParse(Path.GetFileName(path.AsSpan())[Prefix.Length..], out var number) ? number : -1))
            .Where(static node => node.Number >= 0)
            .OrderBy(static node => node.Number)
            .Select(static node => node.Path),
    ];

    public void Pause(TimeSpan time, CancellationToken stop) => stop.WaitHandle.WaitOne(time > TimeSpan.Zero ? time : TimeSpan.Zero);
}
