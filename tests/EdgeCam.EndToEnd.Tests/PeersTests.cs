namespace EdgeCam.EndToEnd.Tests;

/// <summary>Stacks that are not ours receive the picture and call <c>device.info</c>: with both DTLS roles and both SRTP profiles.</summary>
public sealed class PeersTests(AgentFixture fixture) : IClassFixture<AgentFixture>
{
    private const string AesCm = "SRTP_AES128_CM_HMAC_SHA1_80";
    private const string AesGcm = "SRTP_AEAD_AES_128_GCM";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(Workplace.Seconds + 60);

    private static string Seconds => Driver.Number(Workplace.Seconds);

    private AgentProcess Agent => fixture.Agent;

    [Theory]
    [InlineData("active", false)]
    [InlineData("passive", true)]
    public async Task Libdatachannel_receives(string setup, bool byMqtt)
    {
        Workplace.Need(Tool.Node, Tool.Ffmpeg);
        var received = await Driver.RunAsync("peer-ndc.mjs", s_limit, [.. Way(byMqtt), "--seconds", Seconds, "--setup", setup]);
        MustReceive(received.MustBeOk(), setup);
        MustDepacketize(received);
    }

    [Theory]
    [InlineData("active", "cm", AesCm, true)]
    [InlineData("active", "gcm", AesGcm, false)]
    [InlineData("passive", "cm", AesCm, false)]
    [InlineData("passive", "gcm", AesGcm, true)]
    public async Task Werift_receives(string setup, string srtp, string profile, bool byMqtt)
    {
        Workplace.Need(Tool.Node, Tool.Ffmpeg);
        var received = await Driver.RunAsync("peer-werift.mjs", s_limit, [.. Way(byMqtt), "--seconds", Seconds, "--setup", setup, "--srtp", srtp]);
        MustReceive(received.MustBeOk(), setup);
        MustDepacketize(received);
        Assert.Equal(profile, received.Text("srtp"));
    }

    [Theory]
    [InlineData("active", "cm")]
    [InlineData("passive", "gcm")]
    public async Task Aiortc_decodes(string setup, string srtp)
    {
        Workplace.Need(Tool.Aiortc);
        var received = await Driver.RunAsync("peer-aiortc.py", s_limit, [Agent.Whep().AbsoluteUri, "--seconds", Seconds, "--setup", setup, "--srtp", srtp]);
        MustReceive(received.MustBeOk(), setup);
        received.Must(received.Number("width") == 1280 && received.Number("height") == 720, "the picture should be 1280x720");
    }

    [Theory]
    [InlineData("active", "client")]
    [InlineData("passive", "server")]
    public async Task Chromium_takes_either_dtls_role(string setup, string role)
    {
        Workplace.Need(Tool.Node, Tool.Chromium);
        var received = await Driver.RunAsync("whep-chromium.mjs", s_limit, [Agent.Url.AbsoluteUri, "--seconds", "3", "--setup", setup]);
        received.MustBeOk().Must(received.Text("dtlsRole") == role, $"Chromium should be the DTLS {role}");
        received.Must(received.Text("srtp") is AesCm or AesGcm, "one of our two profiles should be in use");
        received.Must(received["deviceInfo"] is not null, "device.info should be answered");
    }

    private string[] Way(bool byMqtt) =>
        byMqtt ? ["--broker", Agent.Broker, "--device", Agent.Device, "--camera", "cam0"] : ["--whep", Agent.Whep().AbsoluteUri];

    private void MustReceive(DriverResult received, string setup)
    {
        received.Must(received.Text("answerSetup") == (setup == "active" ? "passive" : "active"), "the answer's setup role should be the other one");
        received.Must(received.Text("dtlsRole") == (setup == "active" ? "client" : "server"), "the DTLS role should follow from it");
        received.Must(received.Number("framesPerSecond") >= 25, "at least 25 frames/s should arrive");
        received.Must(received.Number("decoded") >= 20 * Workplace.Seconds, "they should decode");
        received.Must(received["deviceInfo"]?["id"]?.GetValue<string>() == Agent.Device, "device.info should have been answered on the data channel");
    }

    private static void MustDepacketize(DriverResult received)
    {
        received.Must(received.Number("malformed") == 0, "no packet should be malformed");
        received.Must(received.Number("largestPacket") <= 1200, "no packet should be larger than 1200 bytes");
        // How many frames are whole is these stacks' own doing: in JavaScript, beside an encoder and a decoder, they lose what their sockets cannot hold.
        received.Must(received.Flag("rising") && received.Number("read") > 0, "frame numbers should be read, and rise");
    }
}
