namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Whether the device is, after a change, back where it was: on its broker, and with pictures of every camera that had some. That has to last
/// for a while in one piece. Pure: it is told what is.
/// </summary>
/// <param name="proof">For so long.</param>
internal sealed class RecoveryWatch(TimeProvider time, bool awaitsBroker, IReadOnlyCollection<string> cameras, TimeSpan proof)
{
    private long? _goodSince;
    private int _connections = -1;

    /// <summary>What is missing now, for people; null while nothing is.</summary>
    public string? Missing { get; private set; }

    /// <summary>To be called about once a second.</summary>
    /// <param name="broker">Null: there is none to be connected to.</param>
    /// <param name="now">One that is no longer among them is not awaited.</param>
    /// <returns>True once all has been well for long enough.</returns>
    public bool Look(BrokerCondition? broker, IReadOnlyList<CameraReport> now)
    {
        Missing = FindMissing(broker, now);
        var connections = broker?.Connections ?? 0;
        if (Missing is not null)
            _goodSince = null;
        else if (_goodSince is null || connections != _connections) // a connection that is made again and again is none
            _goodSince = time.GetTimestamp();
        _connections = connections;
        return _goodSince is { } since && time.GetElapsedTime(since) >= proof;
    }

    private string? FindMissing(BrokerCondition? broker, IReadOnlyList<CameraReport> now)
    {
        List<string> missing = [];
        if (awaitsBroker && broker is { IsConnected: false })
            missing.Add($"there is no connection to the broker{(broker.Problem is { } problem ? $": {problem}" : "")}");
        missing.AddRange(now.Where(camera => cameras.Contains(camera.Name) && !camera.IsLive)
            .Select(static camera => $"camera {camera.Name} is {camera.State}{(camera.Detail is { } detail ? $": {detail}" : "")}"));
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }
}
