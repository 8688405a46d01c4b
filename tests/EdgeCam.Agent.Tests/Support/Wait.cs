using System.Diagnostics;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>For what real sockets and processes do in their own time: looks often, gives up late.</summary>
internal static class Wait
{
    public static Task UntilAsync(Func<bool> condition, string what, int seconds = 10) => UntilAsync(condition, () => what, seconds);

    /// <param name="what">Asked when it is given up.</param>
    public static async Task UntilAsync(Func<bool> condition, Func<string> what, int seconds = 10)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            if (began.Elapsed >= TimeSpan.FromSeconds(seconds))
                Assert.Fail($"not within {seconds} s: {what()}");
            await Task.Delay(10);
        }
    }
}
