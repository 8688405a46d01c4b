using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Cameras.Rtsp;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Cameras that are not the device's own, as a viewer with another stack sees them: an IP camera behind RTSP, and a command.</summary>
public sealed class SourcesTests
{
    /// <summary>As some cameras send it: delimiters, SEI, several slices, SPS and PPS at the beginning only.</summary>
    private static readonly string[] s_odd =
    [
        "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
        "-profile:v", "baseline", "-g", "50", "-x264-params", "aud=1:slices=4:repeat-headers=0", "-flags", "+global_header", "-bsf:v", "dump_extra=freq=e", "-f", "h264", "-flush_packets", "1", "-",
    ];

    [Fact]
    public async Task Another_stack_decodes_an_ip_camera_and_a_command()
    {
        Workplace.Need(Tool.Aiortc, Tool.Ffmpeg);
        using var camera = new IpCamera();
        void Cameras(JsonObject content) => content["cameras"] = new JsonArray(
            new JsonObject { ["name"] = "cam0", ["source"] = camera.Address("stream"), ["credentialsFile"] = camera.CredentialsFile },
            new JsonObject { ["name"] = "odd", ["source"] = "exec:", ["command"] = new JsonArray([.. s_odd.Select(static word => (JsonNode)word)]) });
        await using var agent = await AgentProcess.StartAsync(new(Adjust: Cameras));
        await agent.UntilCameraIsAsync("cam0", "live");
        await agent.UntilCameraIsAsync("odd", "live");

        var received = await Task.WhenAll(new[] { "cam0", "odd" }.Select(name =>
            Driver.RunAsync("peer-aiortc.py", TimeSpan.FromSeconds(60), [agent.Whep(name).AbsoluteUri, "--seconds", "5"])));

        foreach (var (one, width) in received.Zip(new[] { 320, 640 }))
        {
            one.MustBeOk().Must(one.Number("decoded") >= 100, "five seconds of 25 pictures each should decode");
            one.Must(one.Number("width") == width, "the picture should be the camera's");
            one.Must(one.Number("lost") == 0, "nothing should be lost on loopback");
        }

        await agent.StopAsync();
        Assert.DoesNotContain("pa:ss", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("pa%3Ass", agent.Log, StringComparison.Ordinal);
    }
}
