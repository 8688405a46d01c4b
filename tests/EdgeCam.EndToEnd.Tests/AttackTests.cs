using System.Diagnostics;
using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Whoever is not on the path, and has read every answer, neither keeps a session from connecting nor ends one, and gets nothing.</summary>
public sealed class AttackTests(ITestOutputHelper output)
{
    private const int PerSecond = 5000;
    private const int AtOnce = 10;

    private static readonly int s_sessions = Workplace.IsSoak ? 100 : 20;
    private static readonly TimeSpan s_stay = TimeSpan.FromSeconds(Workplace.IsSoak ? 10 : 4);
    private static readonly TimeSpan s_headStart = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Sessions_connect_and_stay_and_the_attacker_gets_not_a_byte()
    {
        var drops = new DropLog();
        await using var agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000), drops.Read);
        using var attacker = new OffPathAttacker(PerSecond);
        var connected = new List<double>();
        var (began, stayed) = (Stopwatch.StartNew(), 0);
        while (stayed < s_sessions)
        {
            var viewers = new List<LoadViewer>();
            try
            {
                while (viewers.Count < AtOnce)
                {
                    viewers.Add(await LoadViewer.JoinAsync(agent.Whep(), answered: async answer =>
                    {
                        attacker.Read(answer);
                        await Task.Delay(s_headStart); // some 250 of its datagrams come before the viewer's first
                    }));
                    await viewers[^1].WaitForPictureAsync(s_limit);
                    connected.Add(viewers[^1].Connected!.Value.TotalMilliseconds);
                }

                var before = viewers.ConvertAll(viewer => viewer.Pictures);
                await Task.Delay(s_stay);
                for (var i = 0; i < viewers.Count; i++)
                {
                    Assert.Null(viewers[i].Failure);
                    Assert.True(viewers[i].Pictures - before[i] > 10 * s_stay.TotalSeconds, $"viewer {i}: {viewers[i].Pictures - before[i]} pictures in {s_stay}");
                }

                Assert.Equal(AtOnce, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
                foreach (var viewer in viewers)
                    await viewer.LeaveAsync();
                stayed += viewers.Count;
            }
            finally
            {
                viewers.ForEach(viewer => viewer.Dispose());
            }
        }

        var (sent, seconds) = (attacker.Sent, began.Elapsed.TotalSeconds);
        connected.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{stayed} of {s_sessions} sessions connected and stayed {s_stay.TotalSeconds} s beside {sent / seconds:F0} hostile datagrams/s; connected after {connected[connected.Count / 2]:F0} ms (median), {connected[^1]:F0} ms (worst), head start of {s_headStart.TotalMilliseconds} ms included; {attacker.Received} bytes went to the attacker; {drops}"));
        Assert.True(sent > PerSecond * seconds * 0.7, $"{sent} in {seconds} s");
        Assert.Equal(0, attacker.Received);
        Assert.DoesNotContain("fault of ours", agent.Log, StringComparison.Ordinal);
        await agent.StopAsync();
        foreach (var reason in new[] { "FeedBack: Unauthenticated", "FeedBack: UnknownViewer" })
            Assert.True(drops[reason] > sent / 10, $"{reason}: {drops[reason]} of {sent}");
    }
}
