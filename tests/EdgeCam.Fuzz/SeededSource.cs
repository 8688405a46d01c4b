using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Fuzz;

/// <summary>The same bytes for each input, so that one alone reproduces what it did.</summary>
internal sealed class SeededSource(int seed = 1) : RandomSource
{
    private readonly Random _random = new(seed);

    public override void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
