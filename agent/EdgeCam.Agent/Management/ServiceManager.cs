using Microsoft.Extensions.Hosting.Systemd;

namespace EdgeCam.Agent.Management;

/// <summary>The service manager that started the agent, where it wants to be told (sd_notify(3)).</summary>
/// <param name="Watchdog">After which silence it ends the agent; null where it does not watch.</param>
internal sealed record ServiceManager(ISystemdNotifier Notifier, TimeSpan? Watchdog)
{
    private const string Socket = "NOTIFY_SOCKET";

    /// <summary>Takes what systemd left in the environment, so that no child of ours takes it for its own.</summary>
    public static ServiceManager? Take()
    {
        var notifier = new SystemdNotifier();
        var watchdog = WatchdogSettings.Read(Environment.GetEnvironmentVariable, Environment.ProcessId);
        foreach (var name in (ReadOnlySpan<string>)[Socket, WatchdogSettings.Microseconds, WatchdogSettings.ProcessId])
            Environment.SetEnvironmentVariable(name, null);
        return notifier.IsEnabled ? new(notifier, watchdog) : null;
    }
}
