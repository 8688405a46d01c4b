using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>How much of the agent begins anew for which keys.</summary>
public sealed class SettingsChangeTests
{
    private const string Own = """
        { "mqtt": { "broker": "mqtt://a", "keepAliveSeconds": 20 },
          "cameras": [{ "name": "raw", "source": "rpicam:0", "encoder": "software" }, { "name": "h264", "source": "rpicam:1", "encoder": "camera" }],
          "ptz": [{ "camera": "raw", "driver": "digital:" }] }
        """;

    [Theory]
    [InlineData("{}", "", "", true)]
    [InlineData("""{"log":{"level":"debug"}}""", "log.level", "", true)]
    [InlineData("""{"peers":{"maxViewers":3}}""", "peers.maxViewers", "", true)]
    [InlineData("""{"telemetry":{"periodSeconds":5}}""", "telemetry.periodSeconds", "", true)]
    [InlineData("""{"telemetry":{"enabled":false}}""", "", "agent", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software","bitrate":900000},{"name":"h264","source":"rpicam:1","encoder":"camera"}]}""", "cameras[0].bitrate", "", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software","minBitrate":90000,"substream":{"bitrate":200000}},{"name":"h264","source":"rpicam:1","encoder":"camera"}]}""", "cameras[0].minBitrate cameras[0].substream.bitrate", "", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software"},{"name":"h264","source":"rpicam:1","encoder":"camera","bitrate":900000}]}""", "", "camera h264", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software","width":640,"bitrate":900000},{"name":"h264","source":"rpicam:1","encoder":"camera"}]}""", "", "camera raw", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software"},{"name":"h264","source":"rpicam:1","encoder":"software"}]}""", "", "agent", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software","substream":{"enabled":false}},{"name":"h264","source":"rpicam:1","encoder":"camera"}]}""", "", "agent", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software"}]}""", "", "agent", false)]
    [InlineData("""{"cameras":[{"name":"raw","source":"rpicam:0","encoder":"software"},{"name":"other","source":"rpicam:1"}]}""", "", "agent", false)]
    [InlineData("""{"mqtt":{"broker":"mqtt://b"},"log":{"level":"debug"}}""", "log.level", "broker connection", false)]
    [InlineData("""{"mqtt":{"username":"u","password":"p"}}""", "", "broker connection", false)]
    [InlineData("""{"mqtt":{"broker":null}}""", "", "agent", false)]
    [InlineData("""{"mqtt":{"prefix":"other"}}""", "", "agent", false)]
    [InlineData("""{"log":{"format":"text"}}""", "", "agent", false)]
    [InlineData("""{"ptz":[]}""", "", "agent", false)]
    [InlineData("""{"ptz":[{"camera":"raw","driver":"digital:","leaseSeconds":20,"pan":{"softMaximum":9}}]}""", "ptz[0].leaseSeconds ptz[0].pan.softMaximum", "", false)]
    [InlineData("""{"ptz":[{"camera":"raw","driver":"digital:","pan":{"maxSpeed":9}}]}""", "", "agent", false)]
    [InlineData("""{"peers":{"stunServers":["a:1"]}}""", "", "agent", false)]
    public void A_change_goes_as_far_as_it_must(string remote, string live, string restarts, bool isHarmless)
    {
        using var place = new SettingsPlace(Own);
        var keeper = place.Open();
        var proposed = keeper.Propose(SettingsPlace.Json(remote));
        Assert.True(proposed.Options is not null, string.Join('\n', proposed.RemoteMistakes));

        var change = SettingsChange.Between(keeper.Options, proposed.Options);

        Assert.Equal((live, restarts, isHarmless), (string.Join(' ', change.Live), string.Join(' ', change.Restarts(proposed.Options)), change.IsHarmless));
    }

    [Fact]
    public void Another_broker_than_the_one_that_a_certificate_is_for_renews_the_connection_alone()
    {
        using var place = new SettingsPlace();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(place.State, "certificate.pem"), Path.Combine(place.State, "key.pem"));
        place.Write(certificateFile, certificate.ExportCertificatePem());
        place.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        var own = SettingsPlace.Json(File.ReadAllText(place.Own));
        own["mqtt"] = new JsonObject { ["broker"] = "mqtts://a", ["certificateFile"] = certificateFile, ["keyFile"] = keyFile };
        File.WriteAllText(place.Own, own.ToJsonString());
        var keeper = place.Open();

        var change = SettingsChange.Between(keeper.Options, keeper.Propose(SettingsPlace.Json("""{"mqtt":{"broker":"mqtts://b","username":"u","password":"p"}}""")).Options!);

        Assert.Contains("mqtt.certificateFile", change.Keys);
        Assert.Equal((false, true), (change.RestartsAgent, change.RenewsBroker));
    }
}
