using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;

namespace EdgeCam.Agent;

/// <summary>What operators do to the device itself, led from their methods to what does it.</summary>
internal sealed class DeviceOperations(RestartRequest restart, RebootRequest reboot, DiagnoseStore diagnoses, EventReporter events, ILogger log) : IDeviceOperations
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    public ControlError? Restart(string by)
    {
        if (restart.TryAsk() is { } left)
            return TooSoon("the agent has only just started", left);
        log.RestartAsked(by);
        events.TellDevice("restarting", by);
        return null;
    }

    public async ValueTask<ControlError?> RebootAsync(string by)
    {
        if (reboot.Wait() is { } left)
            return TooSoon("the board has only just started", left);
        log.RebootAsked(by);
        if (await reboot.AskAsync() is var (problem, remedy))
        {
            log.RebootFailed(problem);
            return ControlError.Unavailable(problem, remedy);
        }

        events.TellDevice("rebooting", by);
        return null;
    }

    public async ValueTask<(DiagnoseFile? File, ControlError? Error)> DiagnoseAsync()
    {
        var (file, wait) = await diagnoses.MakeAsync();
        return (file, file is null ? TooSoon("one was made just now", wait) : null);
    }

    public DiagnoseFile? FindDiagnosis(string id) => diagnoses.Find(id);

    private static ControlError TooSoon(string why, TimeSpan left) => ControlError.TooMany with
    {
        Message = $"Too many requests: {why}", Remedy = "Wait", ExpiresIn = (long)(left < s_longest ? left : s_longest).TotalMilliseconds,
    };
}
