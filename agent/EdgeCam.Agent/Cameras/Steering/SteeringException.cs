namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>Why another process's encoder cannot be steered; the message tells the operator, and what would help.</summary>
internal sealed class SteeringException(string message, bool isLasting) : Exception(message)
{
    /// <summary>The system forbids it. Otherwise it was so just now: a process that ends, a descriptor that is closed.</summary>
    public bool IsLasting => isLasting;
}
