namespace EdgeCam.Agent.Management.Setup;

/// <summary>Whose a planned file becomes.</summary>
internal enum PlannedOwner
{
    Root,

    /// <summary>Root's, and of the service's group, which may read it.</summary>
    ServiceMayRead,

    Service,
}
