namespace EdgeCam.Agent.Cameras;

/// <summary>What samples mean (H.264 Annex E); by default as in HD television: the matrix of BT.709, and luma from 16 to 235.</summary>
internal readonly record struct PictureColour(bool IsBt601 = false, bool IsFullRange = false);
