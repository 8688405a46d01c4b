namespace EdgeCam.Agent.Tests.Support;

/// <summary>Tests that count allocated bytes, after all others: what the collector takes away from a thread meanwhile counts as its own.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
