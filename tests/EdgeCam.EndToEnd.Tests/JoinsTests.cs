using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>How long a viewer waits for its first picture: it begins with the latest group of pictures, not with the next IDR picture.</summary>
public sealed class JoinsTests(AgentFixture fixture, ITestOutputHelper output) : IClassFixture<AgentFixture>
{
    private const double MedianMs = 50;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Fact]
    public Task A_local_viewer_has_a_whole_IDR_picture_within_50_ms_of_its_offer() => MeasureAsync(fixture.Agent);

    [Fact]
    public async Task So_it_has_where_the_agent_encodes()
    {
        await using var agent = await AgentProcess.StartAsync(new(Encoder: "software"));
        await MeasureAsync(agent);
        await agent.StopAsync();
    }

    private async Task MeasureAsync(AgentProcess agent)
    {
        var joins = Workplace.IsSoak ? 50 : 15;
        await JoinAsync(agent); // the first one warms up both ends
        var (connected, pictures) = (new List<double>(), new List<double>());
        for (var i = 0; i < joins; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(137)); // all phases of a 2 s group of pictures
            var (connect, picture) = await JoinAsync(agent);
            connected.Add(connect.TotalMilliseconds);
            pictures.Add(picture.TotalMilliseconds);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{joins} joins: DTLS done after {Quantile(connected, 0.5):F1} ms (median), first IDR picture after {Quantile(pictures, 0.5):F1} ms (median), {Quantile(pictures, 0.95):F1} ms (p95)"));
        Assert.True(Quantile(pictures, 0.5) <= MedianMs, $"median {Quantile(pictures, 0.5):F1} ms: {string.Join(' ', pictures.Select(ms => ms.ToString("F0", CultureInfo.InvariantCulture)))}");
    }

    private static double Quantile(List<double> values, double quantile) => values.Order().ElementAt((int)((values.Count - 1) * quantile));

    private static async Task<(TimeSpan Connected, TimeSpan Picture)> JoinAsync(AgentProcess agent)
    {
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(s_limit);
        var times = (viewer.Connected!.Value, viewer.FirstPicture!.Value);
        await viewer.LeaveAsync();
        return times;
    }
}
