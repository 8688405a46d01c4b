namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What the source asks of the machine: whether a node is there, the open node, and time to pass. Tests put their own in its place.</summary>
internal interface IV4l2System
{
    /// <summary>Whether the path leads to something, through links.</summary>
    bool Exists(string path);

    /// <exception cref="V4l2Exception">It cannot be opened.</exception>
    IV4l2Node Open(string path);

    void Pause(TimeSpan time, CancellationToken stop);
}
