using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// Trust between an operator and a device whose broker need not be trusted, with the real program at a real broker: whatever is wrong with what
/// comes is refused with a reason of its own, what is withdrawn ends at once, and what waited is not done late.
/// </summary>
public sealed class TrustOverMqttTests(ITestOutputHelper output)
{
    private const string Device = "porch";
    private const string Request = """{"jsonrpc":"2.0","id":1,"method":"device.info"}""";
    private const string Topic = $"edgecam/v1/{Device}/rpc/operator/request";

    [Fact]
    public async Task Each_request_that_is_not_as_it_should_be_is_refused_with_a_reason_of_its_own()
    {
        await using var scene = await FleetScene.StartAsync(Device);
        await scene.AddAsync(Device);
        using var forge = scene.Forge(Device);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strangeKey = DeviceKey.Create();
        using var unknown = new TokenForge(strangeKey, TimeProvider.System, Device, FleetScene.Issuer);
        using var elsewhere = new TokenForge(strangeKey, TimeProvider.System, Device, "somebody");
        await using var caller = await scene.ConnectAsync();
        await caller.SubscribeAsync($"edgecam/v1/{Device}/rpc/operator/response");

        var good = forge.Request(Request);
        Assert.Equal(Device, (await AskAsync(caller, good))["result"]!["id"]!.GetValue<string>());
        (string What, string Message, string Words)[] wrong =
        [
            ("replayed", good, "the same proof came before"),
            ("unsigned", Request, "nothing proves that you have it"),
            ("a bearer token", forge.Request(Request, payload => payload["token"] = forge.Token(isBound: false)), "bound to no key"),
            ("stale", forge.Request(Request, payload => payload["iat"] = forge.Now - 31), "not of this moment"),
            ("of the future", forge.Request(Request, payload => payload["iat"] = forge.Now + 60), "not of this moment"),
            ("for another device", forge.Request(Request, static payload => payload["aud"] = "garden"), "the signed message is for another device"),
            ("for a group", forge.Request(Request, static payload => payload["aud"] = "group:porches"), "the signed message is for another device"),
            ("a token for another device", forge.Request(Request, payload => payload["token"] = forge.Token(change: static claims => claims["aud"] = "garden")), "the token is for another device"),
            ("another's key", forge.Request(Request, by: stranger), "made with another key than the token's"),
            ("a key that the issuer has not", unknown.Request(Request), "not signed by this device, or whoever it names as its issuer"),
            ("a kid that the issuer has not", forge.Request(Request, payload => payload["token"] = forge.Token(kid: "third")), "a key that its issuer does not have here"),
            ("another issuer", elsewhere.Request(Request), "of another issuer"),
            ("an expired token", forge.Request(Request, payload => payload["token"] = forge.Token(change: claims => claims["exp"] = forge.Now - 31)), "the token has expired"),
            ("changed on its way", good[..^8] + "AAAAAAAA", "made with another key than the token's"),
        ];
        foreach (var (what, message, words) in wrong)
        {
            var error = (await AskAsync(caller, message))["error"];
            output.WriteLine($"{what}: {error?["message"]}");
            Assert.True(error?["code"]?.GetValue<int>() == -32001 && error["message"]!.GetValue<string>().Contains(words, StringComparison.Ordinal), $"{what}: {error?.ToJsonString()}");
        }

        // Without the scope it is a method's refusal; and what is good still is.
        using var viewer = scene.Forge(Device);
        Assert.Equal("manage", (await AskAsync(caller, viewer.Request("""{"jsonrpc":"2.0","id":1,"method":"log.tail"}""", payload => payload["token"] = viewer.Token("view"))))["error"]!["data"]!["scope"]!.GetValue<string>());
        Assert.NotNull((await AskAsync(caller, forge.Request(Request)))["result"]);
        Assert.Equal(0, scene.Run("call", Device, "device.info").Status);
        await scene.Agent(Device).StopAsync();
    }

    [Fact]
    public async Task Desired_settings_that_are_not_as_they_should_be_are_refused_with_a_reason_of_their_own()
    {
        await using var scene = await FleetScene.StartAsync(Device);
        await scene.AddAsync(Device);
        using var forge = scene.Forge(Device);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var caller = await scene.ConnectAsync();
        await caller.SubscribeAsync($"edgecam/v1/{Device}/config/reported");
        const string Debug = """{"log":{"level":"debug"}}""", Other = """{"log":{"level":"warning"}}""";

        var earlier = forge.Desired(Debug, payload => payload["iat"] = forge.Now - 2);
        Assert.Equal(("applied", null), await LeaveAsync(forge.Desired(Debug)));
        (string What, string Message, string Words)[] wrong =
        [
            ("unsigned", $$"""{"config":{{Other}}}""", "nothing proves that you have it"),
            ("signed before what was taken last", earlier, "a newer configuration was taken before"),
            ("for another device", forge.Desired(Other, static payload => payload["aud"] = "garden"), "the signed message is for another device"),
            ("another's key", forge.Desired(Other, by: stranger), "made with another key than the token's"),
            ("over", forge.Desired(Other, payload => (payload["iat"], payload["exp"]) = (forge.Now + 1, forge.Now - 31)), "until a time that is over"),
            ("of the future", forge.Desired(Other, payload => payload["iat"] = forge.Now + 3600), "signed later than now"),
            ("without the scope", forge.Desired(Other, payload => (payload["iat"], payload["token"]) = (forge.Now + 2, forge.Token("view"))), "does not allow it"),
            ("a secret", forge.Desired("""{"mqtt":{"password":"hunter2"}}""", payload => payload["iat"] = forge.Now + 3), "is a secret"),
        ];
        foreach (var (what, message, words) in wrong)
        {
            var (state, reason) = await LeaveAsync(message);
            output.WriteLine($"{what}: {reason}");
            Assert.True(state == "refused" && reason!.Contains(words, StringComparison.Ordinal), $"{what}: {state} {reason}");
        }

        Assert.Contains("\"debug\"", scene.Must("config", "get", Device, "log.level"), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", string.Concat(caller.Received.Select(static message => message.Text)), StringComparison.Ordinal);
        await scene.Agent(Device).StopAsync();

        async Task<(string? State, string? Reason)> LeaveAsync(string message)
        {
            var before = caller.Received.Count;
            await caller.PublishAsync($"edgecam/v1/{Device}/config/desired", message, retain: true);
            JsonNode? desired = null;
            var document = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(message)))[..16];
            await Wait.UntilAsync(() => (desired = caller.Received.Skip(before).Select(static report => JsonNode.Parse(report.Text)!["desired"]).LastOrDefault(said => said?["document"]?.GetValue<string>() == document)) is not null, "what became of it", seconds: 20);
            return (desired!["state"]!.GetValue<string>(), desired["reason"]?.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_key_that_is_rotated_out_and_a_token_that_is_revoked_end_live_sessions_which_are_told()
    {
        Workplace.Need(Tool.Node);
        await using var scene = await FleetScene.StartAsync(Device);
        var agent = await scene.AddAsync(Device);
        var (old, _) = scene.Mint(Device, "first");
        var (kept, id) = scene.Mint(Device, "second");
        await using var rotated = await Operator.ConnectAsync(null, old.DeepClone().AsObject());
        await using var revoked = await Operator.ConnectAsync(null, kept.DeepClone().AsObject());
        Assert.NotNull(await rotated.CallAsync("device.info"));

        scene.Must("key", "--retire", "first", "--jwks", scene.KeySet); // the file that the device watches
        await ToldAsync(rotated, "the key that signed the token was withdrawn by its issuer");
        await ViewersAsync(1);
        Assert.NotNull(await revoked.CallAsync("device.info")); // the other one's key is there still

        scene.Must("call", Device, "access.revoke", $$"""{"tokens":["{{id}}"]}""");
        await ToldAsync(revoked, "the token was revoked");
        await ViewersAsync(0);

        // And neither comes back, each for its reason.
        foreach (var (link, words) in new[] { (old, "a key that its issuer does not have here"), (kept, "the token was revoked") })
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => Operator.ConnectAsync(null, link.DeepClone().AsObject()));
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }

        using var forge = scene.Forge(Device, "first");
        await using var caller = await scene.ConnectAsync();
        await caller.SubscribeAsync($"edgecam/v1/{Device}/rpc/operator/response");
        Assert.Contains("not signed by this device, or whoever it names", (await AskAsync(caller, forge.Request(Request)))["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(scene.Must("call", Device, "device.info"));
        await agent.StopAsync();

        async Task ViewersAsync(int count)
        {
            for (var end = DateTime.UtcNow.AddSeconds(10); (await agent.GetHealthAsync())["viewers"]!.GetValue<int>() != count; await Task.Delay(100))
                Assert.True(DateTime.UtcNow < end, $"{count} viewers are left\n{agent.Log}");
        }

        // By the broker; on the data channel, too, where that is open still.
        Task ToldAsync(Operator viewer, string words) =>
            Wait.UntilAsync(() => viewer.Log.Contains($"to-viewer bye {words}", StringComparison.Ordinal), () => $"{words}\n{viewer.Log}\n{agent.Log}", seconds: 20);
    }

    [Fact]
    public async Task What_was_queued_for_a_device_that_was_away_is_not_done_when_it_is_back()
    {
        await using var scene = await FleetScene.StartAsync(Device);
        using var forge = scene.Forge(Device);
        await using var caller = await scene.ConnectAsync();
        await caller.SubscribeAsync($"edgecam/v1/{Device}/rpc/operator/response");

        // A broker that keeps a session for the device: under its name, with its password, and never given up.
        await using (var device = await scene.ConnectAsync(Device, static options => options.WithCleanStart(false).WithSessionExpiryInterval(3600)))
        {
            await device.SubscribeAsync($"edgecam/v1/{Device}/rpc/+/request");
            device.Drop();
        }

        var late = forge.Request(Set("debug"), payload => payload["iat"] = forge.Now - 31);
        await caller.PublishAsync(Topic, forge.Request(Set("error"))); // into that session
        await caller.PublishAsync(Topic, forge.Request(Set("warning")), retain: true); // and for whoever subscribes later
        await scene.AddAsync(Device);
        await Wait.UntilAsync(() => scene.Run("call", Device, "device.info").Status == 0, "it is there");
        await caller.PublishAsync(Topic, late); // a broker that held it for half a minute
        await Wait.UntilAsync(() => caller.Received.Any(static answer => answer.Text.Contains("it waited for more than 30 seconds", StringComparison.Ordinal)), "a refusal");

        var level = scene.Must("config", "get", Device, "log.level");
        output.WriteLine(level);
        Assert.Contains("\"information\"", level, StringComparison.Ordinal);
        Assert.DoesNotContain("remote", level, StringComparison.Ordinal);
        await scene.Agent(Device).StopAsync();

        static string Set(string level) => $$$$$"""{"jsonrpc":"2.0","id":1,"method":"config.set","params":{"patch":{"log":{"level":"{{{{{level}}}}}"}}}}""";
    }

    /// <summary>Sends it as it stands, and gives what came back.</summary>
    private static async Task<JsonNode> AskAsync(TestClient caller, string message)
    {
        var before = caller.Received.Count;
        await caller.PublishAsync(Topic, message);
        await Wait.UntilAsync(() => caller.Received.Count > before, "an answer");
        return JsonNode.Parse(caller.Received.Last().Text)!;
    }
}
