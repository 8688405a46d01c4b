namespace EdgeCam.Agent.Fleet;

/// <summary>What ends a command of <c>edgecam fleet</c> before it is done.</summary>
/// <param name="exitCode">One of <see cref="EdgeCam.Agent.ExitCode"/>.</param>
/// <param name="problem">For people, with the remedy; nothing secret.</param>
internal sealed class FleetException(int exitCode, string problem) : Exception(problem)
{
    public int ExitCode => exitCode;

    /// <summary>The command line is not understood.</summary>
    public static FleetException Usage(string problem) => new(EdgeCam.Agent.ExitCode.Usage, $"{problem}\n    edgecam fleet --help has every command with its options.");

    /// <summary>A profile, a token or a key is not what it should be.</summary>
    public static FleetException File(string problem) => new(EdgeCam.Agent.ExitCode.Configuration, problem);
}
