namespace EdgeCam.Agent.Control;

/// <summary>One of several things that are wrong with what was given.</summary>
/// <param name="Key">Where.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record ErrorMistake(string Key, string Problem, string Remedy);
