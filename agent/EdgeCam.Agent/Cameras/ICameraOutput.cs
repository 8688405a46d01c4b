namespace EdgeCam.Agent.Cameras;

/// <summary>What is made of a camera process's stdout in one run. It gives whole pictures to the feed it was made with.</summary>
internal interface ICameraOutput : IDisposable
{
    /// <summary>How long to wait for more bytes until <see cref="HandleIdle"/>.</summary>
    int WaitMs { get; }

    /// <summary>Pictures in this run.</summary>
    long Pictures { get; }

    /// <summary>Why what comes cannot be shown, for the operator; null while it can.</summary>
    string? Fault { get; }

    /// <summary>Reads what is there; called when something is.</summary>
    /// <returns>False at the end of stdout.</returns>
    bool Read(CameraProcess process);

    void HandleIdle();

    /// <summary>This run is over without a fault: the next one is to be begun at once, in another way.</summary>
    bool IsOver => false;

    /// <summary>Pictures come, yet none that a viewer could begin with: what to say of that. Null where it is not so.</summary>
    string? DescribeWait() => null;

    /// <summary>The process ended without a fault: what to say if it wrote something else than pictures, else null.</summary>
    string? DescribeNonsense();
}
