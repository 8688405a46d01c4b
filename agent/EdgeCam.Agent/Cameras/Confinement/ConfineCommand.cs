using System.Globalization;
using EdgeCam.Agent.Cameras.Confinement.Interop;

namespace EdgeCam.Agent.Cameras.Confinement;

/// <summary>
/// <c>edgecam confine [--tcp PORT] -- PROGRAM ARGUMENTS</c>: becomes a program that parses what comes from the network, and has no more rights
/// than that takes.
/// </summary>
/// <remarks>
/// <para>By seccomp: no new privileges, no file to write, make, rename or remove, no device to move, no other process, no tracing, no signal to
/// others, no namespaces, no further kernel interfaces; of sockets TCP and UDP only, and none at all without <c>--tcp</c>. By Landlock: no file
/// to read but the system's libraries and what names are looked up with (Linux 5.13), no TCP connection but to that port and DNS (Linux 6.7).
/// No core, files of length 0.</para>
/// <para>A kernel without Landlock leaves to it what the service's user may read, and TCP to anywhere; without seccomp nothing is started. UDP
/// is open: RTP comes and DNS goes by it.</para>
/// </remarks>
internal static class ConfineCommand
{
    /// <summary>As a shell says that a program cannot be run.</summary>
    private const int CannotRun = 126;

    /// <summary>Does not come back where all goes well.</summary>
    public static int Run(IReadOnlyList<string> arguments, TextWriter errors)
    {
        var ports = new List<int>();
        var at = 0;
        for (; at + 1 < arguments.Count && arguments[at] == "--tcp"; at += 2)
        {
            if (!int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
                return Usage(errors);
            ports.Add(port);
        }

        if (at + 1 >= arguments.Count || arguments[at] != "--")
            return Usage(errors);
        string[] command = [.. arguments.Skip(at + 1)];
        var (filter, program) = (Seccomp.Prepare(hasNetwork: ports.Count > 0), new Image(command)); // while there is still a right to everything
        Limits.Apply();
        var failed = Privileges.Renounce() ?? Landlock.Apply(command[0], ports) ?? Seccomp.Apply(filter) ?? program.Become();
        errors.WriteLine($"edgecam confine: {failed}");
        return CannotRun;
    }

    private static int Usage(TextWriter errors)
    {
        errors.WriteLine("edgecam confine is for edgecam itself: edgecam confine [--tcp PORT] -- PROGRAM ARGUMENTS");
        return ExitCode.Usage;
    }
}
