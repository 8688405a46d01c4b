namespace EdgeCam.Agent.Management.Update;

/// <summary>Why an update goes no further.</summary>
/// <param name="Reason">For programs, one of <see cref="UpdateReasons"/>.</param>
/// <param name="Problem">For people.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record UpdateRefusal(string Reason, string Problem, string Remedy);
