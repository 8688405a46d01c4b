using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>The methods of the namespace <c>update</c>, as an operator calls them.</summary>
public sealed class UpdateMethodsTests : IDisposable
{
    private readonly UpdateSystem _system = new();
    private readonly Composition _composition;

    public UpdateMethodsTests() => _composition = new(
        new AgentOptions(Device: new(Id: "dev", StateFolder: _system.Paths.AgentState), Mqtt: new(Embedded: new(Enabled: false)), Http: new(Enabled: false)),
        (_, _, _, _, _) => new FakePlane(new()), NullLoggerFactory.Instance, TimeProvider.System, system: _system.Paths);

    public void Dispose()
    {
        _composition.Dispose();
        _system.Dispose();
    }

    [Fact]
    public async Task An_operator_is_told_how_it_stands_and_why_an_order_is_not_taken()
    {
        var report = (await CallAsync("update.check", null)).GetProperty("result");
        Assert.Equal((ProductVersion.Text, "idle", 0), (report.GetProperty("version").GetString(), report.GetProperty("state").GetString(), report.GetProperty("rollbackIndex").GetInt32()));
        Assert.Equal(PublicJwk.Of(_system.Key).Thumbprint(), Assert.Single(report.GetProperty("keys").EnumerateArray()).GetString());

        var error = (await CallAsync("update.install", new() { ["url"] = "https://updates.example/x", ["manifest"] = "x" })).GetProperty("error");
        Assert.Equal(-32020, error.GetProperty("code").GetInt32());
        Assert.StartsWith("Refused (badManifest): ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.GetProperty("data").GetProperty("remedy").GetString()!);
        Assert.Contains("tooLate", (await CallAsync("update.cancel", null)).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(-32602, (await CallAsync("update.install", new() { ["url"] = "https://updates.example/x" })).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task An_order_is_taken_and_can_be_cancelled()
    {
        var archive = UpdateSystem.Archive("99.0.0");
        var manifest = _system.Manifest("99.0.0", archive, static payload => payload["deviceClass"] = UpdateRules.DeviceClass);

        var taken = (await CallAsync("update.install", new() { ["url"] = "http://127.0.0.1:9/x", ["manifest"] = manifest })).GetProperty("result");
        Assert.NotEmpty(taken.GetProperty("id").GetString()!);
        var report = (await CallAsync("update.check", null)).GetProperty("result");
        Assert.Equal(("downloading", "99.0.0"), (report.GetProperty("state").GetString(), report.GetProperty("update").GetString()));

        Assert.Equal(JsonValueKind.Null, (await CallAsync("update.cancel", null)).GetProperty("result").ValueKind);
        Assert.Equal("cancelled", (await CallAsync("update.check", null)).GetProperty("result").GetProperty("lastResult").GetProperty("reason").GetString());
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject? parameters)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method };
        if (parameters is not null)
            request["params"] = parameters;
        var response = await _composition.Control.Dispatcher.HandleAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), new("mqtt:ann", new("Ann", AccessScope.Manage), CallerOrigin.Mqtt));
        return JsonElement.Parse(response!);
    }
}
