namespace EdgeCam.Agent.Mqtt;

internal static partial class MqttLog
{
    [LoggerMessage(2001, LogLevel.Information, "Broker {Host}:{Port}: connected, MQTT {Version}")]
    public static partial void Connected(this ILogger log, string host, int port, string version);

    [LoggerMessage(2002, LogLevel.Warning, "Broker {Host}:{Port}: {Reason}; next attempt within {Seconds:0.0} s")]
    public static partial void NotConnected(this ILogger log, string host, int port, string reason, double seconds);

    [LoggerMessage(2003, LogLevel.Information, "Broker {Host}:{Port}: does not take MQTT 5, going on with 3.1.1")]
    public static partial void FellBack(this ILogger log, string host, int port);

    [LoggerMessage(2004, LogLevel.Error, "Broker {Host}:{Port} refuses the subscription {Filter} ({Reason}): allow it in the broker's access rules")]
    public static partial void SubscriptionRefused(this ILogger log, string host, int port, string filter, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Status was overwritten by an old connection's will or another client; published again")]
    public static partial void StatusRepaired(this ILogger log);

    [LoggerMessage(2006, LogLevel.Debug, "Broker {Host}:{Port} refused a message on {Topic} ({Reason})")]
    public static partial void PublishRefused(this ILogger log, string host, int port, string topic, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "Broker {Host}:{Port}: waits until the device's clock is set (it shows {Clock:yyyy-MM-dd}), since TLS cannot check a certificate before")]
    public static partial void WaitsForClock(this ILogger log, string host, int port, DateTimeOffset clock);

    [LoggerMessage(2008, LogLevel.Debug, "Broker {Host}:{Port}: still {Reason}; next attempt within {Seconds:0.0} s")]
    public static partial void StillNotConnected(this ILogger log, string host, int port, string reason, double seconds);

    [LoggerMessage(2009, LogLevel.Warning, "Broker {Host}:{Port}: a message on {Topic} has {Length} bytes, more than this broker takes in a packet ({Limit}): dropped")]
    public static partial void MessageTooLarge(this ILogger log, string host, int port, string topic, int length, uint limit);

    [LoggerMessage(2010, LogLevel.Information, "Embedded broker listens on 127.0.0.1:{Port}")]
    public static partial void BrokerListens(this ILogger log, int port);

    [LoggerMessage(2011, LogLevel.Debug, "Embedded broker: {Message}")]
    public static partial void BrokerSays(this ILogger log, string message);
}
