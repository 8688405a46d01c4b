using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>A datagram through .NET's socket engine and back, again and again.</summary>
public sealed class ProgressSocketProbeTests
{
    [Fact]
    public async Task A_living_engine_keeps_the_promise_for_ever()
    {
        var time = new ManualTime();
        var board = new ProgressBoard(time);
        var progress = board.Add("sockets");
        using var stop = new CancellationTokenSource();
        var probe = new ProgressSocketProbe(progress, time, NullLogger<ProgressSocketProbe>.Instance);
        var running = probe.RunAsync(stop.Token);

        for (var i = 1; i <= 20; i++)
        {
            var answers = i;
            await Wait.UntilAsync(() => probe.Answers >= answers, "an answer");
            var timers = time.Timers;
            time.Advance(ProgressSocketProbe.Interval);
            Assert.Empty(board.Overdue());
            await Wait.UntilAsync(() => probe.Answers > answers || AskedAgain(time, timers), "the next question");
        }

        await stop.CancelAsync();
        await running;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(board.Overdue()); // it has ended, and owes nothing
    }

    /// <summary>Where it had not begun to wait when time went on, it waits once more.</summary>
    private static bool AskedAgain(ManualTime time, int timers)
    {
        if (time.Timers == timers)
            time.Advance(TimeSpan.FromMilliseconds(1));
        return time.Timers > timers;
    }
}
