using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Peers;

internal static partial class PeerLog
{
    [LoggerMessage(3101, LogLevel.Information, "Media port {Port}/udp: candidates {Candidates}")]
    public static partial void MediaPortOpen(this ILogger log, int port, string candidates);

    [LoggerMessage(3102, LogLevel.Information, "Viewer {Viewer} watches {Camera} by {Path}, protected with {Protection}")]
    public static partial void ViewerConnected(this ILogger log, string viewer, string camera, string path, string protection);

    [LoggerMessage(3103, LogLevel.Information, "Viewer {Viewer} left {Camera}: {Reason} {Detail}")]
    public static partial void ViewerClosed(this ILogger log, string viewer, string camera, CloseReason reason, string detail);

    [LoggerMessage(3104, LogLevel.Warning, "Viewer {Viewer} refused: {Reason}")]
    public static partial void OfferRefused(this ILogger log, string viewer, string reason);

    [LoggerMessage(3105, LogLevel.Error, "Viewer {Viewer} ended by a fault of ours; the others go on")]
    public static partial void ViewerFaulted(this ILogger log, string viewer, Exception fault);

    [LoggerMessage(3107, LogLevel.Information, "Addresses changed: candidates {Candidates}")]
    public static partial void AddressesChanged(this ILogger log, string candidates);

    [LoggerMessage(3108, LogLevel.Information, "Viewer {Viewer} is asked to restart ICE: {Reason}")]
    public static partial void RestartAsked(this ILogger log, string viewer, string reason);

    [LoggerMessage(3109, LogLevel.Debug, "Viewer {Viewer}: {Name} is {Address}")]
    public static partial void NameFound(this ILogger log, string viewer, string name, System.Net.IPAddress address);

    [LoggerMessage(3110, LogLevel.Debug, "Viewer {Viewer} watches {Camera} now, stream {Choice}")]
    public static partial void CameraSelected(this ILogger log, string viewer, string camera, string choice);

    [LoggerMessage(3106, LogLevel.Warning, "STUN server {Server} was not found ({Reason}): check peers.stunServers and the name server; trying again")]
    public static partial void StunServerUnknown(this ILogger log, string server, string reason);
}
