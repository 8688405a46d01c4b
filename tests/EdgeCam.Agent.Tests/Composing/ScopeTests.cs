using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>Every method that the agent has, whichever they are: each refuses whoever lacks its scope, and names it.</summary>
public sealed class ScopeTests : IDisposable
{
    private static readonly AccessScope[] s_scopes = [AccessScope.View, AccessScope.Ptz, AccessScope.Gpio, AccessScope.Record, AccessScope.Manage];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-scopes-").FullName;
    private readonly Composition _composition;

    public ScopeTests() => _composition = new(
        new AgentOptions(Device: new(Id: "dev", StateFolder: _folder), Mqtt: new(Embedded: new(Port: 0)), Http: new(Enabled: false)),
        (_, _, _, _, _) => new FakePlane(new()), NullLoggerFactory.Instance, TimeProvider.System);

    public void Dispose()
    {
        _composition.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_method_refuses_whoever_lacks_its_scope()
    {
        var methods = (await CallAsync("device.methods", AccessScope.All)).GetProperty("result").GetProperty("methods").EnumerateArray()
            .Select(method => (Name: method.GetProperty("name").GetString()!, Scope: method.GetProperty("scope").GetString()!)).ToList();
        Assert.True(methods.Count >= 7, $"{methods.Count} methods");

        foreach (var (name, word) in methods)
        {
            Assert.True(AccessScopes.TryParseWord(word, out var needed), $"{name} needs a scope");
            foreach (var origin in Enum.GetValues<CallerOrigin>())
            {
                foreach (var lacking in new[] { AccessScope.All & ~needed, AccessScope.None })
                    await RefusedAsync(name, word, lacking, origin);
            }

            foreach (var other in s_scopes.Where(scope => scope != needed))
                await RefusedAsync(name, word, other, CallerOrigin.Mqtt);
        }
    }

    [Fact]
    public async Task A_method_refuses_whoever_has_its_scope_no_longer()
    {
        var expired = await CallAsync("device.info", AccessScope.All, expires: Deadline.After(TimeSpan.FromSeconds(-1), TimeProvider.System));

        Assert.Equal(-32001, expired.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains("expired", expired.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True((await CallAsync("device.info", AccessScope.View, expires: Deadline.After(TimeSpan.FromMinutes(1), TimeProvider.System))).TryGetProperty("result", out _));
    }

    private async Task RefusedAsync(string name, string word, AccessScope scopes, CallerOrigin origin)
    {
        var response = await CallAsync(name, scopes, origin);
        var error = response.GetProperty("error");
        if (origin == CallerOrigin.ControlFast && error.GetProperty("code").GetInt32() == -32601)
            return; // not on that channel at all
        Assert.Equal((name, -32001), (name, error.GetProperty("code").GetInt32()));
        Assert.Equal(word, error.GetProperty("data").GetProperty("scope").GetString());
    }

    private async Task<JsonElement> CallAsync(string method, AccessScope scopes, CallerOrigin origin = CallerOrigin.Control, Deadline? expires = null)
    {
        var request = Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}""");
        var response = await _composition.Control.Dispatcher.HandleAsync(request, new("caller", new("Caller", scopes, expires), origin));
        return JsonElement.Parse(response!);
    }
}
