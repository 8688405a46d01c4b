namespace EdgeCam.Agent.Devices.Board;

/// <summary>
/// Makes episodes of samples: each begins once and ends once, however a value trembles about its limit. What is unknown changes nothing.
/// </summary>
internal sealed class BoardWarnings
{
    private const double HotFrom = 80; // °C, where a Raspberry Pi begins to slow down
    private const double HotUntil = 75;
    private const double FullFrom = 0.05; // share of the disk that is free
    private const double FullUntil = 0.08;
    private const int CalmSamples = 6; // voltage comes and goes with the load

    private readonly HashSet<BoardCondition> _lasting = [];
    private readonly Dictionary<BoardCondition, int> _calm = [];
    private bool _wasThrottled;
    private bool _wasUnderVoltage;

    /// <returns>The same, with what was seen before.</returns>
    public BoardHealth Remember(BoardHealth health) => health with
    {
        ThrottledBefore = health.Throttled is null ? health.ThrottledBefore : health.ThrottledBefore == true || health.Throttled.Value || _wasThrottled,
        UnderVoltageBefore = health.UnderVoltage is null ? health.UnderVoltageBefore : health.UnderVoltageBefore == true || health.UnderVoltage.Value || _wasUnderVoltage,
    };

    /// <param name="health">The next sample, as <see cref="Remember"/> gives it.</param>
    /// <returns>What begins and what ends with it.</returns>
    public IReadOnlyList<(BoardCondition Condition, bool Began)> Observe(BoardHealth health)
    {
        List<(BoardCondition, bool)> changes = [];
        if (health.TemperatureCelsius is { } celsius)
            Change(BoardCondition.Hot, celsius > HotFrom, celsius < HotUntil, changes);
        if (health is { DiskFreeBytes: { } free, DiskTotalBytes: > 0 and { } total })
            Change(BoardCondition.DiskFull, free < FullFrom * total, free >= FullUntil * total, changes);
        Flag(BoardCondition.UnderVoltage, health.UnderVoltage, health.UnderVoltageBefore, ref _wasUnderVoltage, changes);
        Flag(BoardCondition.Throttled, health.Throttled, health.ThrottledBefore, ref _wasThrottled, changes);
        return changes;
    }

    /// <summary>What happened between two samples, or before the first, begins an episode as well.</summary>
    private void Flag(BoardCondition condition, bool? isNow, bool? isBefore, ref bool wasBefore, List<(BoardCondition, bool)> changes)
    {
        if (isNow is null)
            return;
        var happened = isNow.Value || (isBefore == true && !wasBefore);
        wasBefore |= happened;
        _calm[condition] = happened ? 0 : _calm.GetValueOrDefault(condition) + 1;
        Change(condition, happened, _calm[condition] >= CalmSamples, changes);
    }

    private void Change(BoardCondition condition, bool begins, bool ends, List<(BoardCondition, bool)> changes)
    {
        if (begins ? _lasting.Add(condition) : ends && _lasting.Remove(condition))
            changes.Add((condition, begins));
    }
}
