using System.Runtime.InteropServices;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>The agent as it ships: compiled ahead of time, for this machine.</summary>
internal static class NativeAgent
{
    private static string File => Path.Combine(Place.Artifacts, "edgecam");

    /// <exception cref="InvalidOperationException">It has not been built.</exception>
    public static string Find() => System.IO.File.Exists(File) ? File : throw new InvalidOperationException($"{File} is not there: run tests/EdgeCam.Benchmarks/run.sh, or build it by\n    {Command}");

    private static string Command => $"dotnet publish agent/EdgeCam.Agent -c Release -r {RuntimeInformation.RuntimeIdentifier} -p:PublishAot=true -o artifacts/benchmarks";
}
