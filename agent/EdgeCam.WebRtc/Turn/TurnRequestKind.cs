namespace EdgeCam.WebRtc.Turn;

internal enum TurnRequestKind
{
    Allocate,
    Refresh,

    /// <summary>A Refresh with a lifetime of 0.</summary>
    Release,
    CreatePermission,
    ChannelBind,
}
