using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet.Exceptions;

namespace EdgeCam.Agent.Mqtt;

/// <summary>What the library throws where the connection, the broker or the network is at fault, and none of us.</summary>
internal static class BrokerFailure
{
    public static bool IsOfConnection(Exception failure) =>
        failure is MqttCommunicationException or MqttProtocolViolationException or IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException;
}
