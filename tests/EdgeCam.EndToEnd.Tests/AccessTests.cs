using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A device that lets in by links, as people meet it: in a browser, and at a data channel.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task A_link_lets_in_as_far_as_it_says_and_nobody_in_the_middle()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        await using var scene = await ControlScene.StartAsync(
            adjust: static content => content["http"]!["hosts"] = new JsonArray("edgecam.test"), settings: ControlScene.Small with { Access = "tokens" });
        var seen = (await Driver.RunAsync("link-chromium.mjs", TimeSpan.FromSeconds(180), [await scene.Agent.LinkAsync("view,ptz,gpio"), await scene.Agent.LinkAsync("view")])).MustBeOk();

        foreach (var name in new[] { "good", "view", "none", "honest", "swapped", "swappedInsecure" })
            seen.Must(seen[name]!["reached"]!.GetValue<bool>(), $"{name} should have come to its state");
        seen.Must(seen["good"]!["move"]!["code"] is null, "a link with ptz moves the head");
        seen.Must(!seen["good"]!["address"]!.GetValue<string>().Contains("token", StringComparison.Ordinal), "the token does not stay in the address bar");
        seen.Must(seen["view"]!["move"]!["code"]?.GetValue<int>() == -32001 && seen["view"]!["move"]!["data"]!["scope"]!.GetValue<string>() == "ptz", "a link without ptz moves nothing, and the refusal names the scope");
        seen.Must(seen["view"]!["hindrance"]?.GetValue<string>().Contains("ptz", StringComparison.Ordinal) == true, "the controls say why they are disabled");
        seen.Must(seen["none"]!["state"]!["detail"]!.GetValue<string>().Contains("edgecam token", StringComparison.Ordinal), "without a link the page says how to get one");
        seen.Must(!seen["honest"]!["isSecure"]!.GetValue<bool>() && !seen["honest"]!["hasSubtle"]!.GetValue<bool>(), "that name is no secure context");
        seen.Must(seen.Number("swaps") >= 2, "somebody was in the middle");
        foreach (var name in new[] { "swapped", "swappedInsecure" })
            seen.Must(seen[name]!["state"]!["detail"]!.GetValue<string>().Contains("changed it", StringComparison.Ordinal), $"{name}: the viewer says what happened");
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task A_data_channel_carries_what_its_token_allows()
    {
        await using var scene = await ControlScene.StartAsync(settings: ControlScene.Small with { Access = "tokens" });
        await using var watcher = await Operator.ConnectAsync(scene.Agent, await scene.Agent.CreateTokenAsync("view,gpio"));
        Assert.Equal("ptz", (await watcher.MustRefuseAsync("ptz.continuousMove", new() { ["pan"] = 1 }))["data"]!["scope"]!.GetValue<string>());
        Assert.Equal("manage", (await watcher.MustRefuseAsync("gpio.write", new() { ["line"] = "lock", ["value"] = true }))["data"]!["scope"]!.GetValue<string>());
        await watcher.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        var access = (await watcher.CallAsync("session.access"))!;
        Assert.Equal(["view", "gpio"], access["scopes"]!.AsArray().Select(scope => scope!.GetValue<string>()));
        await scene.Agent.StopAsync();
    }
}
