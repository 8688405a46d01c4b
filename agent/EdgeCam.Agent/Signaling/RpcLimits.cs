namespace EdgeCam.Agent.Signaling;

/// <summary>How much of MQTT rpc there may be.</summary>
/// <param name="UnderWay">Requests that are not answered yet, of all clients.</param>
/// <param name="UnderWayPerClient">And of one.</param>
/// <param name="Queue">Messages that wait for their turn.</param>
/// <param name="Rates">Of one client.</param>
internal sealed record RpcLimits(int UnderWay = 64, int UnderWayPerClient = 16, int Queue = 256, SignalingLimits? Rates = null)
{
    public SignalingLimits Rates { get; } = Rates ?? new(MessagesPerSecond: 20, Burst: 40, Clients: 256);
}
