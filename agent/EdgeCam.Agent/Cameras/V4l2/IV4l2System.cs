using EdgeCam.Agent.Cameras.V4l2.M2m;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What is asked of the machine: which nodes there are, an open node, and time to pass. Tests put their own in its place.</summary>
internal interface IV4l2System
{
    /// <summary>Whether the path leads to something, through links.</summary>
    bool Exists(string path);

    /// <exception cref="V4l2Exception">It cannot be opened.</exception>
    IV4l2Node Open(string path);

    /// <inheritdoc cref="Open"/>
    IM2mNode OpenEncoder(string path);

    /// <summary>The paths of all device nodes for video, by number.</summary>
    IReadOnlyList<string> ListNodes();

    void Pause(TimeSpan time, CancellationToken stop);
}
