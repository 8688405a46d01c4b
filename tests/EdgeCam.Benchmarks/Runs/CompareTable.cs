using System.Globalization;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>Medians of several runs as a table in Markdown.</summary>
internal static class CompareTable
{
    public static void Write(TextWriter to, IReadOnlyList<FanoutFigures> figures, IReadOnlyList<string> senders, IReadOnlyList<int> counts)
    {
        var most = counts.Max();
        to.WriteLine($"| sender | {string.Join(" | ", counts.Select(static count => string.Create(CultureInfo.InvariantCulture, $"N={count}")))} | times the first at {most} | RSS at {most} | latency at {most}, p50 / p99 ms | join alone, DTLS / first IDR ms | join beside {most} |");
        to.WriteLine($"|---{string.Concat(Enumerable.Repeat("|---", counts.Count))}|---|---|---|---|---|");
        var first = Cpu(senders[0], most);
        foreach (var sender in senders)
        {
            var last = figures.Where(run => run.Sender == sender && run.Viewers == most).ToList();
            var all = figures.Where(run => run.Sender == sender).ToList();
            to.WriteLine(
                $"| {sender} | {string.Join(" | ", counts.Select(count => Number(Cpu(sender, count), "F2")))} | {Number(Cpu(sender, most) / first, "F1")} | {Number(Median(last, static run => run.ResidentMegabytes), "F0")} " +
                $"| {Number(Median(last, static run => run.Latency.Median), "F1")} / {Number(Median(last, static run => run.Latency.P99), "F1")} | {Joins(all, static run => run.Alone)} | {Joins(last, static run => run.Beside)} |");
        }

        double Cpu(string sender, int viewers) => Median([.. figures.Where(run => run.Sender == sender && run.Viewers == viewers)], static run => run.CpuPerViewer);
    }

    private static string Joins(IReadOnlyList<FanoutFigures> runs, Func<FanoutFigures, JoinTimes?> which)
    {
        var joins = runs.Select(which).OfType<JoinTimes>().ToList();
        return joins.Count == 0 ? "-" : $"{Number(Middle(joins.Select(static join => join.Connected.Median)), "F0")} / {Number(Middle(joins.Select(static join => join.FirstIdr.Median)), "F0")}";
    }

    private static double Median(IReadOnlyList<FanoutFigures> runs, Func<FanoutFigures, double> value) => Middle(runs.Select(value));

    private static double Middle(IEnumerable<double> values) => Percentiles.Of(values).Median;

    private static string Number(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
