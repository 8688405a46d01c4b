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
            // Two timers to an answer, the patience and the pause: time goes on when the second is there, or it would wait for ever.
            var answers = i;
            await Wait.UntilAsync(() => probe.Answers == answers && time.Timers == 2 * answers, "an answer");
            time.Advance(ProgressSocketProbe.Interval);
            Assert.Empty(board.Overdue());
        }

        await stop.CancelAsync();
        await running;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(board.Overdue()); // it has ended, and owes nothing
    }
}
