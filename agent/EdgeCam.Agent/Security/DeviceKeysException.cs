namespace EdgeCam.Agent.Security;

/// <summary>The device's keys cannot be used as they lie there.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="remedy">What the operator does about it.</param>
internal sealed class DeviceKeysException(string problem, string remedy, Exception? cause = null) : Exception($"{problem}. {remedy}", cause)
{
    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;
}
