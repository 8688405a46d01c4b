namespace EdgeCam.Sims.Camera.Interop;

/// <summary>The encoder cannot be had as asked; the message says why and what to do.</summary>
internal sealed class EncoderException(string message) : Exception(message);
