namespace EdgeCam.Agent.Control;

/// <summary>What comes by <c>control-fast</c>.</summary>
internal enum FastMessageKind
{
    /// <summary>Something else, or nothing that makes sense: refused where it is handled.</summary>
    Other,

    /// <summary><c>ptz.continuousMove</c>.</summary>
    Move,

    /// <summary><c>ptz.alive</c>, which says less than any move.</summary>
    Alive,

    /// <summary><c>ptz.stop</c>.</summary>
    Stop,
}
