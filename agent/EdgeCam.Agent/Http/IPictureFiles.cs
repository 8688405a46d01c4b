namespace EdgeCam.Agent.Http;

/// <summary>Pictures that are not live.</summary>
internal interface IPictureFiles
{
    /// <summary>Lends a recording; whoever gets one disposes it.</summary>
    /// <param name="isBusy">As many are read at once as may be.</param>
    /// <returns>Null where there is none of that id.</returns>
    FileContent? OpenRecording(string id, out bool isBusy);

    /// <summary>A camera's latest picture.</summary>
    Task<SnapshotAnswer> TakeSnapshotAsync(string camera);
}
