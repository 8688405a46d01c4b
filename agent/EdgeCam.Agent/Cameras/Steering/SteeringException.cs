namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>Why another process's encoder cannot be steered; the message tells the operator, and what would help.</summary>
internal sealed class SteeringException(string message) : Exception(message);
