namespace EdgeCam.Agent.Security;

/// <summary>How strictly one looks at who comes.</summary>
internal enum AccessMode
{
    /// <summary>A token and its key.</summary>
    Tokens,

    /// <summary>A token.</summary>
    Bearer,

    /// <summary>Everybody.</summary>
    Open,
}
