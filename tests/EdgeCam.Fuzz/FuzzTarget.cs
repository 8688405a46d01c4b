namespace EdgeCam.Fuzz;

/// <summary>A parser under attack.</summary>
/// <param name="Corpus">Good inputs, from which the bad ones are made.</param>
/// <param name="Words">Pieces that mean something to the parser; a mutation may put them anywhere.</param>
/// <param name="Feed">Gives it one input. It throws where the parser does, or where its result is not what it promises.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Corpus, IReadOnlyList<byte[]> Words, FeedInput Feed);

internal delegate void FeedInput(ReadOnlySpan<byte> input);
