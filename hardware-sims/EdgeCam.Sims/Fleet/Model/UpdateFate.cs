namespace EdgeCam.Sims.Fleet.Model;

/// <summary>How updates of a device end.</summary>
internal enum UpdateFate
{
    Good,

    /// <summary>Refused when it is ordered: the disk is full.</summary>
    NoSpace,

    /// <summary>Refused after the download: the archive is damaged on its way.</summary>
    WrongHash,

    /// <summary>Rolled back: the new version finds no camera.</summary>
    NotHealthy,
}
