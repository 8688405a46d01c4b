namespace EdgeCam.Agent.Peers.Relays;

internal static partial class RelayLog
{
    [LoggerMessage(3201, LogLevel.Information, "Relay {Server}: viewers reach this device at {Relayed}; the server is {RoundTrip} ms away")]
    public static partial void RelayAllocated(this ILogger log, string server, string relayed, long roundTrip);

    [LoggerMessage(3202, LogLevel.Warning, "Relay {Server} cannot be used: {Reason}. Trying again in {Seconds} s at the earliest")]
    public static partial void RelayRefused(this ILogger log, string server, string reason, long seconds);

    [LoggerMessage(3203, LogLevel.Warning, "Relay {Server} is lost: {Reason}. Viewers go on by other paths where they have any")]
    public static partial void RelayLost(this ILogger log, string server, string reason);

    [LoggerMessage(3204, LogLevel.Information, "Relay {Server} no longer takes its credentials; another allocation is made before this one ends in {Seconds} s")]
    public static partial void RelayCredentialsRefused(this ILogger log, string server, long seconds);

    [LoggerMessage(3205, LogLevel.Information, "Relays given back: nobody watches")]
    public static partial void RelaysReleased(this ILogger log);
}
