namespace EdgeCam.Agent.Cameras;

/// <summary>A JPEG, or why there is none.</summary>
/// <param name="Problem">For people; empty where there is a picture.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record JpegResult(byte[]? Jpeg, string Problem = "", string Remedy = "");
