using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>The log's last lines in memory, and how much is written to it.</summary>
public sealed class AgentLogTests
{
    private const string Mqtt = "EdgeCam.Agent.Mqtt.MqttConnection";

    private readonly ManualTime _time = new(ManualTime.SetClock);

    [Fact]
    public void The_newest_lines_are_kept_and_the_rest_goes()
    {
        var ring = new LogRing(_time);
        var log = ring.CreateLogger("EdgeCam");
        for (var i = 1; i <= 5000; i++)
            Write(log, LogLevel.Information, $"line {i} {new string('x', 100)}");

        var all = ring.Tail(int.MaxValue);
        Assert.Equal(5000, ring.Newest);
        Assert.Equal((5000, "line 5000"), (all[^1].Number, all[^1].Text[..9]));
        Assert.InRange(all.Sum(static entry => entry.Size), LogRing.MaxBytes / 2, LogRing.MaxBytes);
        Assert.Equal([4999, 5000], ring.Tail(2).Select(static entry => entry.Number));
        Assert.Equal([4999, 5000], ring.Tail(100, after: 4998).Select(static entry => entry.Number));
    }

    [Fact]
    public void A_line_is_bounded_and_says_what_was_thrown()
    {
        var ring = new LogRing(_time);
        var log = ring.CreateLogger("EdgeCam");
        log.Log(LogLevel.Error, 0, "It failed", new IOException("no disk"), static (state, _) => state);
        Write(log, LogLevel.Warning, new string('x', 10_000));

        Assert.StartsWith("It failed\nSystem.IO.IOException: no disk", ring.Tail(2)[0].Text, StringComparison.Ordinal);
        Assert.Equal(LogRing.MaxText, ring.Tail(1)[0].Text.Length);
        Assert.Equal(["It failed"], ring.Tail(9, LogLevel.Error).Select(static entry => entry.Text[..9]));
    }

    [Fact]
    public void A_level_is_set_for_a_time_and_returns_by_itself()
    {
        var levels = new LogLevels(new(Level: "warning"), _time);
        Assert.False(levels.IsEnabled(Mqtt, LogLevel.Information));

        levels.Set("EdgeCam.Agent.Mqtt", LogLevel.Debug, TimeSpan.FromSeconds(60));
        Assert.True(levels.IsEnabled(Mqtt, LogLevel.Debug));
        Assert.False(levels.IsEnabled("EdgeCam.Agent.MqttOther", LogLevel.Information)); // no part of it
        Assert.False(levels.IsEnabled("EdgeCam.Agent.Peers.PeerLoop", LogLevel.Information));
        levels.Set("EdgeCam", LogLevel.Error, TimeSpan.FromSeconds(10));
        Assert.False(levels.IsEnabled("EdgeCam.Agent.Peers.PeerLoop", LogLevel.Warning));
        Assert.True(levels.IsEnabled(Mqtt, LogLevel.Debug)); // the longer name says more
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(levels.IsEnabled("EdgeCam.Agent.Peers.PeerLoop", LogLevel.Warning));
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(levels.IsEnabled(Mqtt, LogLevel.Information));

        levels.Set("EdgeCam.Agent.Mqtt", LogLevel.Debug, TimeSpan.FromSeconds(60));
        levels.Reset("EdgeCam");
        Assert.False(levels.IsEnabled(Mqtt, LogLevel.Information));
    }

    [Fact]
    public void Libraries_are_never_turned_up()
    {
        var levels = new LogLevels(new(Level: "debug"), _time);
        levels.Set("Microsoft", LogLevel.Debug, TimeSpan.FromSeconds(60)); // as no method lets anybody
        Assert.False(levels.IsEnabled("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Information));
        Assert.True(levels.IsEnabled("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning));
        Assert.False(levels.IsEnabled("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical));
    }

    [Fact]
    public void Levels_set_for_a_time_are_bounded()
    {
        var levels = new LogLevels(new(), _time);
        for (var i = 0; i < 1000; i++)
            levels.Set($"EdgeCam.Agent.X{i}", LogLevel.Debug, TimeSpan.FromSeconds(1000 + i));
        Assert.Equal(16, Enumerable.Range(0, 1000).Count(i => levels.IsEnabled($"EdgeCam.Agent.X{i}", LogLevel.Debug)));
        Assert.True(levels.IsEnabled("EdgeCam.Agent.X999", LogLevel.Debug));
    }

    [Fact]
    public void The_agents_log_goes_through_both()
    {
        var log = new AgentLog(new(Format: "text"), _time);
        using var factory = LoggerFactory.Create(logging => LogSetup.Configure(logging, new(Format: "text"), log));
        var mqtt = factory.CreateLogger(Mqtt);
        Write(mqtt, LogLevel.Debug, "not yet");
        log.Levels.Set("EdgeCam", LogLevel.Debug, TimeSpan.FromSeconds(60));
        Write(mqtt, LogLevel.Debug, "now");
        _time.Advance(TimeSpan.FromSeconds(60));
        Write(mqtt, LogLevel.Debug, "no more");
        Write(factory.CreateLogger("Microsoft.AspNetCore"), LogLevel.Information, "never");

        Assert.Equal(["now"], log.Ring.Tail(10).Select(static entry => entry.Text));
    }

    private static void Write(ILogger log, LogLevel level, string text) => log.Log(level, 0, text, null, static (state, _) => state);
}
