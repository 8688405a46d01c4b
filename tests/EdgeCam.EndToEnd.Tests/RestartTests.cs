using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>ICE restarts of a live session by each way but the broker's, which the viewer page takes.</summary>
public sealed class RestartTests
{
    private const string Fragment = "application/trickle-ice-sdpfrag";

    [Fact]
    public async Task By_WHEP_and_by_the_data_channel_a_session_restarts_and_no_packet_is_missing()
    {
        await using var agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));

        await RestartByPatchAsync(viewer);
        await MustPlayAsync(viewer);
        await RestartByChannelAsync(viewer);
        await MustPlayAsync(viewer);
        await RestartByPatchAsync(viewer);
        await MustPlayAsync(viewer);

        Assert.Null(viewer.Failure);
        Assert.Equal(1, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        Assert.Single(Regex.Matches(agent.Log, @"Viewer \S+ watches cam0"));
        await agent.StopAsync();
    }

    private static async Task RestartByPatchAsync(LoadViewer viewer)
    {
        var offer = viewer.Ask(inside => inside.Restart());
        var lines = offer.Split("\r\n").Where(line => line.StartsWith("a=ice-ufrag", StringComparison.Ordinal) || line.StartsWith("a=ice-pwd", StringComparison.Ordinal)).Distinct()
            .Concat(["m=video 9 UDP/TLS/RTP/SAVPF 108", "a=mid:0"]).Concat(offer.Split("\r\n").Where(line => line.StartsWith("a=candidate", StringComparison.Ordinal)));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Patch, viewer.Session) { Content = new StringContent(string.Join("\r\n", lines) + "\r\n", new MediaTypeHeaderValue(Fragment)) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await http.SendAsync(request);
        var fragment = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {fragment}");
        Assert.NotNull(response.Headers.ETag);
        viewer.HandleAnswer($"{Regex.Match(viewer.Answer, "a=setup:.*?\r\n")}{Regex.Match(viewer.Answer, "a=fingerprint:.*?\r\n")}{fragment}");
    }

    private static async Task RestartByChannelAsync(LoadViewer viewer)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["jsonrpc"] = "2.0", ["id"] = 7, ["method"] = "session.offer", ["params"] = new JsonObject { ["sdp"] = viewer.Ask(inside => inside.Restart()) },
        });
        viewer.Ask(inside =>
        {
            Assert.True(inside.Channels!.TryOpen("control", "edgecam.control.v1", ChannelReliability.Reliable, out var channel));
            return inside.Channels.Send(channel, request, isText: true, LoadViewer.Now);
        });
        await Wait.UntilAsync(() => viewer.Ask(inside => inside.Messages.Count > 0), "a response");
        var response = JsonNode.Parse(Encoding.UTF8.GetString(viewer.Ask(inside => inside.Messages[0].Data)))!;
        Assert.Equal(7, response["id"]!.GetValue<int>());
        viewer.HandleAnswer(response["result"]!["sdp"]!.GetValue<string>());
    }

    /// <summary>On a path of the new generation.</summary>
    private static async Task MustPlayAsync(LoadViewer viewer)
    {
        await Wait.UntilAsync(() => viewer.Ask(inside => inside.Ice.SelectedPath is { } path && inside.Ice.IsConfirmed(path)), "a path");
        var pictures = viewer.Pictures;
        await Wait.UntilAsync(() => viewer.Pictures > pictures + 30 && viewer.Missing == 0, "pictures without a gap");
    }
}
