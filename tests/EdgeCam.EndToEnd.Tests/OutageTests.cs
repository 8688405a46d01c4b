using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Brokers that die, restart and fall silent, and cables that are pulled: the device is back within ten seconds, and no picture is missing.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_maxReturn = TimeSpan.FromSeconds(10);

    public static TheoryData<int> Lengths => Workplace.IsSoak ? [60, 600] : [5];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task A_broker_that_is_killed_is_found_again_within_ten_seconds(int seconds)
    {
        await using var outage = await Outage.StartAsync();
        var began = Stopwatch.StartNew();
        var (back, said) = await outage.RunAsync(TimeSpan.FromSeconds(seconds));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"broker away for {seconds} s: device back {back.TotalSeconds:F1} s after it, {outage.Gaps().Count} waits"));
        output.WriteLine(await outage.MustBeUntouchedAsync(began.Elapsed));
        Assert.True(back < s_maxReturn, outage.Agent.Log);
        Assert.Equal(1, said);
        await outage.Agent.StopAsync();
    }

    [Fact]
    public async Task Through_many_restarts_of_the_broker_it_comes_back_each_time_at_random_and_once()
    {
        var random = new Random(11);
        await using var outage = await Outage.StartAsync();
        var began = Stopwatch.StartNew();
        List<double> returns = [];
        for (var restart = 0; restart < (Workplace.IsSoak ? 100 : 5); restart++)
        {
            var (back, said) = await outage.RunAsync(TimeSpan.FromSeconds(1 + random.NextDouble()));
            returns.Add(back.TotalSeconds);
            Assert.True(back < s_maxReturn, $"restart {restart}: back after {back}\n{outage.Agent.Log}");
            Assert.Equal(1, said);
        }

        var gaps = outage.Gaps();
        var mean = gaps.Average();
        var variation = Math.Sqrt(gaps.Average(gap => Math.Pow(gap - mean, 2))) / mean;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{returns.Count} restarts: back after {returns.Average():F1} s on average, {returns.Max():F1} s at most; {gaps.Count} waits of {mean:F1} s on average, coefficient of variation {variation:F2}"));
        output.WriteLine(await outage.MustBeUntouchedAsync(began.Elapsed));
        Assert.True(variation > 0.1, $"coefficient of variation {variation}");
        Assert.DoesNotContain("another client connects", outage.Agent.Log, StringComparison.Ordinal);
        await outage.Agent.StopAsync();
    }

    /// <summary>The picture goes by another link of the device, so that what is seen there is what the outage of the broker's costs.</summary>
    [Fact]
    public async Task A_pulled_cable_and_a_new_address_cost_ten_seconds_after_it_is_back()
    {
        var away = TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 8);
        await using var scene = await CableScene.StartAsync(keepAliveSeconds: 30);
        var pictures = scene.Viewer.Pictures;
        var began = Stopwatch.StartNew();
        scene.Device.Ip("link set eth0 down");
        await Task.Delay(away);
        scene.Device.Ip("addr del 10.6.0.2/24 dev eth0");
        scene.Device.Ip("link set eth0 up");
        scene.Device.Ip("addr add 10.6.0.3/24 dev eth0");
        var back = await scene.UntilBackAsync(connections: 2);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cable out for {away.TotalSeconds:F0} s and a new address: back {back.TotalSeconds:F1} s after it"));
        Assert.True(back < s_maxReturn, scene.Agent.Log);
        scene.MustBeUntouched(pictures, began.Elapsed);
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task A_connection_whose_packets_are_dropped_is_noticed_within_one_and_a_half_keep_alives()
    {
        var keepAlive = Workplace.IsSoak ? 30 : 6;
        await using var scene = await CableScene.StartAsync(keepAlive);
        var pictures = scene.Viewer.Pictures;
        var began = Stopwatch.StartNew();
        scene.Device.Nft("""
            table inet cut {
              chain out { type filter hook output priority filter; tcp dport 1883 drop; }
              chain in { type filter hook input priority filter; tcp sport 1883 drop; }
            }
            """);
        await Wait.UntilAsync(() => scene.Agent.Log.Contains("did not answer a ping", StringComparison.Ordinal), "noticed", seconds: keepAlive * 2);
        var noticed = began.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 3));
        scene.Device.Nft("delete table inet cut");
        var back = await scene.UntilBackAsync(connections: 2);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"keep-alive {keepAlive} s: noticed after {noticed.TotalSeconds:F1} s, back {back.TotalSeconds:F1} s after packets went through again"));
        Assert.True(noticed < TimeSpan.FromSeconds(keepAlive * 1.5), scene.Agent.Log);
        Assert.True(back < s_maxReturn, scene.Agent.Log);
        scene.MustBeUntouched(pictures, began.Elapsed);
        await scene.Agent.StopAsync();
    }
}
