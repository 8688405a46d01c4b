namespace EdgeCam.Agent.Http;

/// <summary>A JPEG, or a refusal in words.</summary>
/// <param name="Code">404 or 503 where there is none.</param>
internal sealed record SnapshotAnswer(byte[]? Jpeg, int Code = 0, string Message = "");
