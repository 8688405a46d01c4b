namespace EdgeCam.Agent.Mqtt;

/// <summary>There is no stream to the broker.</summary>
/// <param name="message">For people, with the remedy.</param>
internal sealed class BrokerException(BrokerEndKind kind, string message, Exception? cause = null) : IOException(message, cause)
{
    public BrokerEndKind Kind => kind;
}
