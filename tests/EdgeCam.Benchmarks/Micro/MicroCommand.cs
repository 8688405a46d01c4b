using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace EdgeCam.Benchmarks.Micro;

/// <summary><c>micro</c>: in this process, so that nothing has to be built or restored for it.</summary>
internal static class MicroCommand
{
    public static int Run(Arguments arguments)
    {
        var job = arguments.Has("short") ? Job.ShortRun : Job.Default;
        arguments.MustBeKnown();
        var artifacts = Path.Combine(Place.Artifacts, "micro");
        BenchmarkRunner.Run<EngineBenchmarks>(DefaultConfig.Instance.AddJob(job.WithToolchain(InProcessEmitToolchain.Instance)).WithArtifactsPath(artifacts));
        return 0;
    }
}
