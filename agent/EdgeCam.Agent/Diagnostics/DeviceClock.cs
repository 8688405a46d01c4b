using System.Globalization;
using System.Reflection;
using EdgeCam.Agent.Diagnostics.Interop;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Whether the wall clock can be believed. A Raspberry Pi has no clock that runs on a battery: until the network has told it the time it
/// shows 1970, or the time of its last shutdown. A clock that is before the day on which this program was built is not set.
/// </summary>
internal static class DeviceClock
{
    private const string Key = "BuildEpoch"; // written by the project file

    /// <summary>
    /// SOURCE_DATE_EPOCH of the build (reproducible-builds.org), or the day in the project file: no clock that is right shows less.
    /// </summary>
    public static DateTimeOffset BuiltAt { get; } = Read();

    public static bool IsSet(TimeProvider time) => IsSet(time.GetUtcNow());

    /// <summary>A clock that shows this is set.</summary>
    public static bool IsSet(DateTimeOffset shown) => shown >= BuiltAt;

    /// <summary>As others are told of it.</summary>
    public static ClockReport Report(TimeProvider time) => new(IsSet(time) ? "set" : "unset", KernelClock.IsSynchronized());

    /// <summary>What the wall clock is ahead of the monotonic one: it changes by a jump, and by next to nothing else.</summary>
    public static TimeSpan Offset(TimeProvider time) => time.GetUtcNow() - DateTimeOffset.UnixEpoch - time.GetElapsedTime(0);

    private static DateTimeOffset Read()
    {
        var text = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static data => data.Key == Key)?.Value;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new InvalidOperationException($"The assembly lacks its {Key}.");
    }
}
