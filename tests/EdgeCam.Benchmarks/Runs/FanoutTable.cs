using System.Globalization;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>Figures for people.</summary>
internal static class FanoutTable
{
    public static void Write(TextWriter to, IReadOnlyList<FanoutFigures> runs)
    {
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"sender",-18} {"N",4} {"CPU ms/viewer-s",16} {"RSS MB",7} {"idle",6} {"latency p50",12} {"p99",6} {"packets/s",10} {"pictures/s",11} {"lost",6} {"repaired",9}"));
        foreach (var run in runs)
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Sender,-18} {run.Viewers,4} {run.CpuPerViewer,16:F2} {run.ResidentMegabytes,7:F1} {run.IdleMegabytes,6:F1} {run.Latency.Median,12:F2} {run.Latency.P99,6:F1} {run.PacketsPerSecond,10:F1} {run.PicturesPerSecond,11:F2} {run.Lost,6} {run.Repaired,9}"));
            WriteJoins(to, "alone", run.Alone);
            WriteJoins(to, $"beside {run.Viewers}", run.Beside);
            WriteJoins(to, "at once", run.Together);
        }
    }

    private static void WriteJoins(TextWriter to, string how, JoinTimes? joins)
    {
        if (joins is not { } times)
            return;
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"    {times.Connected.Count} joins {how}: DTLS {times.Connected.Median:F1} ms (p95 {times.Connected.P95:F1}), first IDR {times.FirstIdr.Median:F1} ms (p95 {times.FirstIdr.P95:F1}, most {times.FirstIdr.Most:F1})"));
    }
}
