using System.Globalization;
using MQTTnet.Diagnostics.Logger;

namespace EdgeCam.Agent.Mqtt;

/// <summary>What the broker's library says goes to the log's lowest level: a client that misbehaves is not the operator's concern.</summary>
internal sealed class BrokerLogger(ILogger log) : IMqttNetLogger
{
    public bool IsEnabled => log.IsEnabled(LogLevel.Debug);

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
        if (!IsEnabled || logLevel == MqttNetLogLevel.Verbose)
            return;
        var text = parameters is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, message, parameters) : message;
        log.BrokerSays(exception is null ? text : $"{text}: {exception.GetBaseException().Message}");
    }
}
