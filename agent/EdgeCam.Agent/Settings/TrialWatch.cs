using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// Whether the device, with other settings than before, is back where it was: on its broker, and with pictures of every camera that had some.
/// That has to last for a while; where it does not come in time, the settings are given up. Pure: it is told what is.
/// </summary>
/// <param name="began">When the settings were set, in ticks of the clock.</param>
internal sealed class TrialWatch(TimeProvider time, long began, bool awaitsBroker, IReadOnlyCollection<string> cameras, TrialLimits limits)
{
    private long? _goodSince;
    private int _connections = -1;

    /// <summary>What is missing now, for people; null while nothing is.</summary>
    public string? Missing { get; private set; }

    /// <summary>Until it is given up.</summary>
    public TimeSpan Left => limits.Longest - time.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>To be called about once a second.</summary>
    /// <param name="broker">Null: there is none to be connected to.</param>
    public TrialVerdict Look(BrokerCondition? broker, IReadOnlyList<CameraReport> now)
    {
        Missing = FindMissing(broker, now);
        var connections = broker?.Connections ?? 0;
        if (Missing is not null)
            _goodSince = null;
        else if (_goodSince is null || connections != _connections) // a connection that is made again and again is none
            _goodSince = time.GetTimestamp();
        _connections = connections;
        if (_goodSince is { } since && time.GetElapsedTime(since) >= limits.Proof)
            return TrialVerdict.Good;
        return Left == TimeSpan.Zero ? TrialVerdict.Bad : TrialVerdict.Open;
    }

    private string? FindMissing(BrokerCondition? broker, IReadOnlyList<CameraReport> now)
    {
        if (awaitsBroker && broker is { IsConnected: false })
            return $"there is no connection to the broker{(broker.Problem is { } problem ? $": {problem}" : "")}";
        foreach (var camera in now)
        {
            if (cameras.Contains(camera.Name) && !camera.IsLive)
                return $"camera {camera.Name} is {camera.State}{(camera.Detail is { } detail ? $": {detail}" : "")}";
        }

        return null;
    }
}
