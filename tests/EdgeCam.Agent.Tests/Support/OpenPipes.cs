namespace EdgeCam.Agent.Tests.Support;

/// <summary>Pipes that this process has open.</summary>
internal static class OpenPipes
{
    /// <param name="pipes">As /proc tells them: <c>pipe:[123]</c>.</param>
    public static int Of(IEnumerable<string> pipes) => pipes.Intersect(Directory.GetFiles("/proc/self/fd").Select(static link => new FileInfo(link).LinkTarget ?? "")).Count();
}
