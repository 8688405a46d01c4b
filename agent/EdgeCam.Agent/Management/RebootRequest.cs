using System.Globalization;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Asks the system for a reboot, which the agent has no right to: it makes a file in its runtime folder, <c>edgecam-reboot.path</c> sees
/// that and starts <c>edgecam-reboot.service</c>, which takes the file away and whose end makes systemd reboot. So a file that is gone says
/// that it is under way, and one that stays that there is no such unit. Bound: not within five minutes after the board's start.
/// </summary>
/// <param name="folder">The runtime folder of the service.</param>
/// <param name="root">Where proc is.</param>
internal sealed class RebootRequest(string folder, TimeProvider time, string root = "/")
{
    public const string Folder = "/run/edgecam";

    private const string File = "reboot";

    /// <summary>After the board's start.</summary>
    public static readonly TimeSpan Peace = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private int _isUnderWay;

    /// <summary>How long to wait before it may be asked; null: it may.</summary>
    public TimeSpan? Wait()
    {
        var left = Peace - Uptime();
        return left > TimeSpan.Zero ? left : null;
    }

    /// <returns>Why there is no reboot, with its remedy; null: it is under way.</returns>
    public async Task<(string Problem, string Remedy)?> AskAsync()
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) != 0)
            return ("another request for it is under way", "Wait");
        var path = Path.Combine(folder, File);
        try
        {
            if (!Directory.Exists(folder))
                return ($"there is no {folder}: the agent does not run as a service", "Start it by its unit edgecam.service, from EdgeCam's package");
            await System.IO.File.WriteAllTextAsync(path, "");
            var began = time.GetTimestamp();
            while (System.IO.File.Exists(path))
            {
                if (time.GetElapsedTime(began) >= s_patience)
                {
                    System.IO.File.Delete(path);
                    return ("nobody takes the request", "On the device: systemctl enable --now edgecam-reboot.path");
                }

                await Task.Delay(s_look, time);
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return ($"the request cannot be written: {failure.Message}", $"Look who owns {folder}");
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }

    /// <summary>Of the board; where the kernel does not tell, long enough.</summary>
    private TimeSpan Uptime()
    {
        try
        {
            var word = System.IO.File.ReadAllText(Path.Combine(root, "proc/uptime")).Split(' ')[0];
            return double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.MaxValue;
        }
    }
}
