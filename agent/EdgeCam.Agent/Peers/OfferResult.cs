namespace EdgeCam.Agent.Peers;

/// <summary>An answer, or a signaling error code (as in HTTP) and a sentence for people.</summary>
internal sealed record OfferResult(string? Answer, int Code = 0, string Message = "");
