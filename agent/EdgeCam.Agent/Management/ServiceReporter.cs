using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using Microsoft.Extensions.Hosting.Systemd;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Tells the service manager how it goes: ready when the broker and every camera have been tried, a sign of life while every loop keeps its
/// promise, and a line for people.
/// </summary>
/// <remarks>
/// systemd ends and restarts a service that gives no sign of life for WatchdogSec=; so one that hangs in a single loop is restarted, and one
/// whose camera or broker is away is not: a restart would bring neither back.
/// </remarks>
/// <param name="isRestart">Asked at the end: whether the agent's parts are made anew, and the service goes on.</param>
internal sealed class ServiceReporter(ServiceManager manager, ProgressBoard board, Func<ServiceReport> report, TimeProvider time, ILogger<ServiceReporter> log, Func<bool>? isRestart = null)
{
    /// <summary>After so long the agent is ready whatever is missing: it works without, and those who wait for it shall not wait for ever.</summary>
    public static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startInterval = TimeSpan.FromMilliseconds(100); // those who wait for the start are not to wait longer than it takes

    /// <summary>Three signs of life in the time after which one is missed (sd_watchdog_enabled(3) asks for two).</summary>
    private readonly TimeSpan? _beat = manager.Watchdog / 3;

    private readonly TimeSpan _interval = manager.Watchdog is { } watchdog && watchdog / 3 < s_interval ? watchdog / 3 : s_interval;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal); // the loops that were logged as overdue
    private readonly long _began = time.GetTimestamp();
    private long? _beatAt;
    private long? _statusAt;
    private string _status = "";
    private bool _isReady;
    private bool _isFailing;

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_startInterval, time);
        try
        {
            do
            {
                Look();
                if (_isReady && timer.Period != _interval)
                    timer.Period = _interval;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // After STOPPING=1 the manager would end the service; in its place there is time for the new parts to begin.
            Send(isRestart?.Invoke() == true ? "WATCHDOG=1\nSTATUS=begins anew by other settings" : "STOPPING=1\nSTATUS=stopping");
        }
    }

    /// <summary>Says what is to be said now.</summary>
    internal void Look()
    {
        var overdue = board.Overdue();
        var now = report();
        if (!_isReady && (now.Untried().Count == 0 || time.GetElapsedTime(_began) >= LongestStart))
        {
            _isReady = true;
            _status = now.ToText(_isReady, overdue);
            _statusAt = time.GetTimestamp();
            Send($"READY=1\nSTATUS={_status}");
            log.Ready(_status);
        }

        if (_statusAt is not { } said || time.GetElapsedTime(said) >= s_interval)
            TellStatus(now.ToText(_isReady, overdue));
        LogOverdue(overdue);

        // The next look would be too late.
        if (_beat is { } beat && overdue.Count == 0 && (_beatAt is not { } last || time.GetElapsedTime(last) + _interval > beat))
        {
            _beatAt = time.GetTimestamp();
            Send("WATCHDOG=1");
        }
    }

    private void TellStatus(string status)
    {
        if (status == _status)
            return;
        (_status, _statusAt) = (status, time.GetTimestamp());
        Send($"STATUS={status}");
    }

    private void LogOverdue(IReadOnlyList<OverdueLoop> overdue)
    {
        foreach (var loop in overdue)
        {
            if (_told.Add(loop.Name))
                log.LoopSilent(loop.Name, loop.By.TotalSeconds);
        }

        if (_told.Count > overdue.Count)
            _told.RemoveWhere(name => !overdue.Any(loop => loop.Name == name));
    }

    private void Send(string state)
    {
        try
        {
            manager.Notifier.Notify(new ServiceState(state));
            _isFailing = false;
        }
        catch (SocketException failure)
        {
            // The service manager is being replaced, or is gone.
            if (!_isFailing)
                log.ManagerUnreachable(failure.Message);
            _isFailing = true;
        }
    }
}
