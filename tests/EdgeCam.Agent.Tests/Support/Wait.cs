using System.Diagnostics;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>For what real sockets and processes do in their own time: looks often, gives up late.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition, string what, int seconds = 10)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {what}");
            await Task.Delay(10);
        }
    }
}
