using System.Globalization;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about the heads before anything starts.</summary>
internal static class PtzRules
{
    /// <summary>From an operator's last message to the stop's being with the head.</summary>
    private static readonly TimeSpan s_longestStop = TimeSpan.FromMilliseconds(500);

    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        for (var i = 0; i < options.Ptz.Length; i++)
        {
            var (head, where) = (options.Ptz[i], string.Create(CultureInfo.InvariantCulture, $"ptz[{i}]"));
            if (head.Camera is null || head.Driver is null)
                continue; // said already: both are required
            CheckCamera(options, i, where, mistakes);
            if (PtzDrivers.FindMistake(head) is { } mistake)
                mistakes.Add(new($"{where}.driver", "cannot be used", mistake));
            else if (PtzDrivers.SerialPort(head) is { } port && Array.FindIndex(options.Ptz, known => known.Driver is not null && PtzDrivers.SerialPort(known) == port) < i)
                mistakes.Add(new($"{where}.driver", $"{port} has another head already", "Give each head a serial port of its own: answers of two would mix."));
            else
                CheckAxes(head, where, mistakes);
            CheckStop(head, where, mistakes);
        }
    }

    private static void CheckStop(PtzOptions head, string where, List<ConfigurationMistake> mistakes)
    {
        var line = DeviceLoop.Interval + PtzDrivers.LongestStop(head);
        var longest = (int)(s_longestStop - line).TotalMilliseconds;
        if (head.StopAfterMilliseconds <= longest)
            return;
        mistakes.Add(new(
            $"{where}.stopAfterMilliseconds",
            string.Create(CultureInfo.InvariantCulture, $"is {head.StopAfterMilliseconds}, and a stop may take {line.TotalMilliseconds:0} ms at that baud: a head must stand half a second after its operator's last message"),
            longest >= 100 ? string.Create(CultureInfo.InvariantCulture, $"Raise baud, at the head and in its driver, or write {longest} or less.") : "Raise baud, at the head and in its driver."));
    }

    private static void CheckCamera(AgentOptions options, int index, string where, List<ConfigurationMistake> mistakes)
    {
        var head = options.Ptz[index];
        var camera = Array.Find(options.Cameras, known => known.Name == head.Camera);
        if (camera is null)
        {
            mistakes.Add(new(
                $"{where}.camera", $"\"{head.Camera}\" is not the name of a camera", $"Write one of {string.Join(", ", options.Cameras.Select(known => known.Name))}."));
        }
        else if (PtzDrivers.IsDigital(head) && PtzDrivers.FindMistake(head) is null && !camera.AgentEncodes)
        {
            mistakes.Add(new(
                $"{where}.driver", $"is digital, yet {head.Camera} encodes by itself: its picture cannot be cut",
                "Set encoder to software for that camera, or name the head that really moves it."));
        }

        if (Array.FindIndex(options.Ptz, known => known.Camera == head.Camera) < index)
            mistakes.Add(new($"{where}.camera", $"\"{head.Camera}\" has another head already", "Leave one section for each camera."));
    }

    private static void CheckAxes(PtzOptions head, string where, List<ConfigurationMistake> mistakes)
    {
        var limits = PtzDrivers.Limits(head);
        if (limits.Count == 0)
            mistakes.Add(new(where, "has no axis", "Leave at least one of pan, tilt and zoom enabled."));
        foreach (var axis in limits)
        {
            var key = $"{where}.{PtzNames.Of(axis.Axis)}";
            if (!(axis.Minimum < axis.Maximum))
                mistakes.Add(new($"{key}.minimum", $"is not less than maximum ({Plain(axis.Minimum)}, {Plain(axis.Maximum)})", "Write the lesser end as minimum."));
            else if (!(axis.SoftMinimum >= axis.Minimum && axis.SoftMaximum <= axis.Maximum && axis.SoftMinimum < axis.SoftMaximum))
                mistakes.Add(new($"{key}.softMinimum", $"and softMaximum are not between {Plain(axis.Minimum)} and {Plain(axis.Maximum)}, one below the other", "Write soft ends inside the mechanical ones, or leave them out."));
            if (!(axis.MaxSpeed > 0 && double.IsFinite(axis.MaxSpeed)))
                mistakes.Add(new($"{key}.maxSpeed", $"is {Plain(axis.MaxSpeed)}", "Write how far it goes in a second, more than 0."));
            if (!(axis.Acceleration > 0 && double.IsFinite(axis.Acceleration)))
                mistakes.Add(new($"{key}.acceleration", $"is {Plain(axis.Acceleration)}", "Write by how much its speed rises in a second, more than 0."));
            if (axis.Axis == PtzAxis.Zoom && axis.Minimum < 1)
                mistakes.Add(new($"{key}.minimum", $"is {Plain(axis.Minimum)}", "Write magnifications, from 1 on: 1 is the whole picture."));
        }
    }

    private static string Plain(double number) => number.ToString(CultureInfo.InvariantCulture);
}
