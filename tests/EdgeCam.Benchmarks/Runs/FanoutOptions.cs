using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>One run: so many viewers, for so long, of a clip of such a bitrate.</summary>
/// <param name="Joins">Single joins that are timed: before the viewers come, and beside them.</param>
/// <param name="Together">Viewers that come at once beside the others.</param>
/// <param name="Srtp">What the viewers take; else what the engine prefers.</param>
internal sealed record FanoutOptions(int Viewers, double Seconds, int Width, int Height, int Bitrate, int Joins = 0, int Together = 0, SrtpProfile? Srtp = null);
