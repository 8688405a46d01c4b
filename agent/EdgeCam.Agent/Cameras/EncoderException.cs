namespace EdgeCam.Agent.Cameras;

/// <summary>The encoder cannot be had as asked; the message tells the operator why and what to do.</summary>
internal sealed class EncoderException(string message) : Exception(message);
