using System.Diagnostics;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>A program of the system, run to its end.</summary>
internal static class Tool
{
    /// <summary>Skips the test where the program is not installed.</summary>
    public static void Need(string program, string package) =>
        Assert.SkipUnless(
            new[] { "/usr/bin", "/bin" }.Any(folder => File.Exists(Path.Combine(folder, program))),
            $"there is no {program} here: apt-get install {package}");

    /// <returns>What it wrote to both its outputs.</returns>
    public static (int Exit, string Output) Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    /// <returns>What it wrote; the test fails where it fails.</returns>
    public static string Read(string program, params string[] arguments)
    {
        var (exit, output) = Run(program, arguments);
        Assert.True(exit == 0, $"{program} {string.Join(' ', arguments)} ended with {exit}: {output}");
        return output;
    }

    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeCam.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("EdgeCam.sln is in no folder above");
    }
}
