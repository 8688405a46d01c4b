namespace EdgeCam.Agent.Publishing;

/// <summary>How one connection to a server ended, or why there was none.</summary>
/// <param name="Problem">In words.</param>
/// <param name="Lived">For how long it was published.</param>
/// <param name="RetryAfter">The server wants to be left alone for so long.</param>
/// <param name="Kind">What follows from it.</param>
internal sealed record PublishEnd(string Problem, TimeSpan Lived = default, TimeSpan RetryAfter = default, PublishEndKind Kind = PublishEndKind.Failed);
