using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>tshark on a network device: one line for each packet that passes its filters, with the time.</summary>
internal sealed class Sniffer : IAsyncDisposable
{
    private readonly List<(DateTime At, string Line)> _lines = [];
    private ChildProcess? _process;

    public IReadOnlyList<(DateTime At, string Line)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <param name="capture">A filter for the kernel (pcap-filter).</param>
    /// <param name="display">A filter of tshark's.</param>
    /// <param name="fields">What a line shows.</param>
    public static async Task<Sniffer> StartAsync(NetworkLab lab, NetNamespace where, string device, string capture, string display, params string[] fields)
    {
        Workplace.Need(Tool.Tshark);
        var sniffer = new Sniffer();
        var isReady = false;
        string[] arguments = ["-i", device, "-n", "-l", "-f", capture, "-Y", display, "-T", "fields", .. fields.SelectMany(field => new[] { "-e", field })];
        var process = sniffer._process = where.Start("/usr/bin/tshark", arguments, (line, isOutput) =>
        {
            isReady |= line.StartsWith("Capturing on", StringComparison.Ordinal);
            if (!isOutput)
                return;
            lock (sniffer._lines)
                sniffer._lines.Add((DateTime.UtcNow, line));
        });
        lab.Keep(sniffer);
        await Wait.UntilAsync(() => isReady || process.HasExited, "tshark captures");
        Assert.False(process.HasExited, process.Log);
        return sniffer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
