using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Publishing;

/// <summary>All outputs; each is tried by itself, whatever becomes of the others.</summary>
internal sealed class Publishers : IDisposable
{
    private readonly Publisher[] _all;
    private readonly PublishMetrics _metrics;

    /// <param name="tell">Takes JSON for <c>event/publish</c>. Must not wait.</param>
    public Publishers(IReadOnlyList<PublishOptions> options, IOutputPeers peers, Action<byte[]> tell, TimeProvider time, ProgressBoard board, ILogger<Publishers> log)
    {
        _metrics = new(() => Reports);
        _all = [.. options.Select(output => new Publisher(
            output, peers, () => WhipHttp.Create(output.CaFile), tell, _metrics, time, Random.Shared.NextDouble, log, board.Add($"output {output.Name}")))];
    }

    /// <summary>As they are now; from any thread.</summary>
    public IReadOnlyList<OutputReport> Reports => [.. (_all ?? []).Select(static output => output.Report)];

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_all.Select(output => output.RunAsync(stop)));

    public void Dispose() => _metrics.Dispose();
}
