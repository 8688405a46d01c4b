namespace EdgeCam.Sims.Fleet;

/// <summary>There is no connection; the kind says what that means for the next attempt.</summary>
internal sealed class LinkException(LinkEnd end, string message, Exception? cause = null) : Exception(message, cause)
{
    public LinkEnd End { get; } = end;
}
