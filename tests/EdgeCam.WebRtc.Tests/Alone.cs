namespace EdgeCam.WebRtc.Tests;

/// <summary>Tests that measure memory, after all others: those fill the same heap, and what the collector takes away from a thread counts as its own.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
