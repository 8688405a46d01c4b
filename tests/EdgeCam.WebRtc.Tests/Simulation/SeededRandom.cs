using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>The same bytes for the same seed.</summary>
internal sealed class SeededRandom(int seed) : RandomSource
{
    private readonly Random _random = new(seed);

    public override void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
