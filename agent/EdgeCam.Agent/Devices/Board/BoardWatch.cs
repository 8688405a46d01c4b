using System.Text.Json;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>Looks at the board every ten seconds: keeps the newest sample for whoever asks, and says once what begins and what ends.</summary>
/// <param name="tell">Publishes <c>event/board</c>. Must not wait.</param>
internal sealed class BoardWatch(Func<BoardHealth> probe, string stateFolder, Action<byte[]> tell, TimeProvider time, ILogger log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const long Mebi = 1024 * 1024;

    private readonly BoardWarnings _warnings = new(); // touched by the loop only
    private volatile BoardHealth? _latest;

    /// <summary>At most ten seconds old; before the first sample all is unknown. To be called from any thread.</summary>
    public BoardHealth Latest => _latest ?? new();

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Sample();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    internal void Sample()
    {
        var health = _warnings.Remember(probe());
        _latest = health;
        foreach (var (condition, began) in _warnings.Observe(health))
        {
            Log(condition, began, health);
            var word = JsonNamingPolicy.CamelCase.ConvertName(condition.ToString());
            tell(JsonSerializer.SerializeToUtf8Bytes(new(word, began ? "began" : "ended", health), BoardJson.Default.BoardEvent));
        }
    }

    private void Log(BoardCondition condition, bool began, BoardHealth health)
    {
        if (!began)
            log.Over(condition switch { BoardCondition.Hot => "the heat", BoardCondition.Throttled => "the holding back", BoardCondition.UnderVoltage => "the low voltage", _ => "the full disk" });
        else if (condition == BoardCondition.Hot)
            log.Hot(health.TemperatureCelsius!.Value);
        else if (condition == BoardCondition.Throttled)
            log.Throttled();
        else if (condition == BoardCondition.UnderVoltage)
            log.UnderVoltage();
        else
            log.DiskFull(stateFolder, health.DiskFreeBytes!.Value / Mebi, health.DiskTotalBytes!.Value / Mebi);
    }
}
