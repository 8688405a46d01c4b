using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Tests.Control;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>What is revoked, by the operator's file or by a method, is taken no longer, each for its own reason.</summary>
public sealed class RevocationTests : IDisposable
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly IssuerFile _file = new();
    private readonly LogLines<Revocations> _log = new();
    private readonly TokenForge _forge;

    public RevocationTests() => _forge = new(_keys.Signing, _time);

    private string Holder => PublicJwk.Of(_forge.Holder).Thumbprint();

    public void Dispose()
    {
        _forge.Dispose();
        _keys.Dispose();
        _file.Dispose();
    }

    [Theory]
    [InlineData("Revoked", """{ "tokens": ["token-1"] }""")]
    [InlineData("Revoked", """{ "tokens": { "token-1": null, "token-2": 5 } }""")]
    [InlineData("RevokedHolder", """{ "holders": ["HOLDER"] }""")]
    [InlineData("RevokedKey", """{ "keys": ["KEY"] }""")]
    [InlineData("RevokedBefore", """{ "before": { "dev": LATER } }""")]
    [InlineData("None", """{ "before": { "dev": NOW } }""")]
    [InlineData("None", """{ "before": { "another": LATER } }""")]
    [InlineData("None", """{ "tokens": ["token-2"], "holders": ["token-1"], "keys": ["token-1", "HOLDER"], }""")]
    [InlineData("None", "{} // nothing")]
    public void A_token_is_found_by_what_it_is_or_what_stands_behind_it(string refusal, string list)
    {
        _file.WriteRevoked(list.Replace("HOLDER", Holder, StringComparison.Ordinal).Replace("KEY", _keys.Signing.Thumbprint, StringComparison.Ordinal)
            .Replace("NOW", $"{_forge.Now}", StringComparison.Ordinal).Replace("LATER", $"{_forge.Now + 1}", StringComparison.Ordinal));
        using var verifier = Verifier(new(_time, _file.RevokedPath));

        var (token, found) = verifier.Verify(_forge.Token(change: static claims => claims["jti"] = "token-1"));

        Assert.Equal(refusal, found.ToString());
        Assert.Equal(refusal == "None", token is not null);
        Assert.Equal(refusal == "None" ? "" : "; ask whoever runs the device for a new link", found.InWords()[Math.Max(0, found.InWords().IndexOf(';', StringComparison.Ordinal))..]);
    }

    [Fact]
    public void A_token_without_iat_counts_by_its_nbf()
    {
        _file.WriteRevoked($$"""{ "before": { "dev": {{_forge.Now}} } }""");
        using var verifier = Verifier(new(_time, _file.RevokedPath));

        Assert.Equal(AccessRefusal.None, verifier.Verify(_forge.Token(change: static claims => claims.Remove("iat"))).Refusal);
        Assert.Equal(AccessRefusal.RevokedBefore, verifier.Verify(_forge.Token(change: claims =>
        {
            claims.Remove("iat");
            claims["nbf"] = _forge.Now - 1;
        })).Refusal);
    }

    [Fact]
    public void A_refusal_is_counted_by_its_reason()
    {
        using var exporter = new MetricsExporter();
        using var metrics = new AccessMetrics();
        _file.WriteRevoked($$"""{ "before": { "dev": {{_forge.Now + 1}} } }""");
        using var policy = new AccessPolicy(AccessMode.Tokens, new TrustStore("dev", _keys.Signing, _time, revocations: new(_time, _file.RevokedPath)), _keys.Signing, _time, metrics);

        Assert.Equal(AccessRefusal.RevokedBefore, policy.AdmitConnection(_forge.Token()).Refusal);

        Assert.Contains("edgecam_access_refusals_total{reason=\"RevokedBefore\"} 1\n", exporter.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_read_again_and_a_damaged_one_takes_nothing_back()
    {
        _file.WriteRevoked("{}");
        var revocations = new Revocations(_time, _file.RevokedPath, log: _log);
        using var verifier = Verifier(revocations);
        var token = _forge.Token(change: static claims => claims["jti"] = "token-1");
        Assert.Equal(AccessRefusal.None, verifier.Verify(token).Refusal);

        _file.WriteRevoked("""{ "tokens": ["token-1"] }""");
        revocations.Look();
        Assert.Equal(AccessRefusal.Revoked, verifier.Verify(token).Refusal);

        foreach (var damaged in new[] { "", "[]", "{", """{ "tokens": "token-1" }""", """{ "tokens": [7] }""", """{ "before": ["dev"] }""", """{ "token": [] }""", """{ "before": { "dev": -1 } }""", """{ "keys": { "a": "b" } }""", $$"""{ "tokens": ["{{new string('a', 257)}}"] }""" })
        {
            _file.WriteRevoked(damaged);
            revocations.Look();
            Assert.Equal(AccessRefusal.Revoked, verifier.Verify(token).Refusal);
        }

        Assert.Equal(10, _log.Count("what it revoked before stays revoked"));
        File.Delete(_file.RevokedPath);
        revocations.Look();
        Assert.Equal(AccessRefusal.Revoked, verifier.Verify(token).Refusal);
        _file.WriteRevoked("{}");
        revocations.Look();
        Assert.Equal(AccessRefusal.None, verifier.Verify(token).Refusal);
    }

    [Fact]
    public async Task What_the_method_revokes_holds_at_once_and_over_a_restart()
    {
        using var rig = new ControlRig(RevocationMethods.Create(new Revocations(_time, stateFolder: _file.StateFolder)));
        Assert.Equal(3, (await RevokeAsync(rig, $$"""{"tokens":["token-1"],"holders":["{{Holder}}"],"issuer":"dev","before":5}""")).GetProperty("count").GetInt32());
        Assert.Equal(4, (await RevokeAsync(rig, """{"keys":["old"]}""")).GetProperty("count").GetInt32());

        var again = new Revocations(_time, stateFolder: _file.StateFolder);
        using var verifier = Verifier(again);
        Assert.Equal(AccessRefusal.Revoked, verifier.Verify(_forge.Token(isBound: false, change: static claims => claims["jti"] = "token-1")).Refusal);
        Assert.Equal(AccessRefusal.RevokedHolder, verifier.Verify(_forge.Token()).Refusal);
        Assert.Equal(5, again.Told.Before["dev"]);
        Assert.Equal(RevocationList.Ever, again.Told.Keys["old"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_file.StateFolder, Revocations.StateName)));
    }

    [Fact]
    public void What_no_token_can_be_hit_by_any_more_is_forgotten_and_a_key_is_not()
    {
        var revocations = new Revocations(_time, stateFolder: _file.StateFolder);
        Assert.Null(revocations.Add(List(tokens: ["old"], holders: ["old"], keys: ["old"])));
        _time.Advance(TokenVerifier.MaxLifetime);
        Assert.Null(revocations.Add(List(tokens: ["new"])));
        Assert.Equal(4, revocations.Told.Count);

        _time.Advance(TimeSpan.FromDays(2));
        Assert.Null(revocations.Add(List(tokens: ["newer"])));
        Assert.Equal(["new", "newer"], revocations.Told.Tokens.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(revocations.Told.Holders);
        Assert.Equal(["old"], revocations.Told.Keys.Keys);
    }

    [Fact]
    public void There_is_room_for_so_many_and_a_further_one_is_refused()
    {
        var revocations = new Revocations(_time);
        Assert.Null(revocations.Add(List(tokens: [.. Enumerable.Range(0, Revocations.MaxEntries).Select(static i => $"token-{i}")])));

        Assert.Contains("before a time", revocations.Add(List(tokens: ["one more"])), StringComparison.Ordinal);
        Assert.Null(revocations.Add(List(tokens: ["token-7"]))); // is there already
        Assert.Equal(Revocations.MaxEntries, revocations.Told.Count);
    }

    [Fact]
    public void Where_the_disk_does_not_take_it_it_holds_for_this_run_and_that_is_said()
    {
        var revocations = new Revocations(_time, stateFolder: Path.Combine(_file.StateFolder, "nowhere"), log: _log);

        Assert.Contains("until the next start", revocations.Add(List(tokens: ["token-1"])), StringComparison.Ordinal);
        Assert.Equal(1, revocations.Told.Count);
        Assert.Equal(1, _log.Count("cannot be written"));
        Assert.Contains("clock is not set", new Revocations(new ManualTime()).Add(List(tokens: ["token-1"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_state_is_laid_aside_and_told()
    {
        var path = Path.Combine(_file.StateFolder, Revocations.StateName);
        StateFile.Write(path, "half a"u8);

        Assert.Equal(0, new Revocations(_time, stateFolder: _file.StateFolder, log: _log).Told.Count);

        Assert.Equal(1, _log.Count("revoke it again"));
        Assert.True(File.Exists(path + ".damaged") && !File.Exists(path));
    }

    [Fact]
    public void A_caller_does_not_shut_himself_out()
    {
        var revocations = new Revocations(_time);
        using var rig = new ControlRig(RevocationMethods.Create(revocations));
        using var verifier = Verifier(revocations);
        var caller = new ControlCaller("mqtt:ann", verifier.Verify(_forge.Token(change: static claims => claims["jti"] = "mine")).Token!.ToGrant(), CallerOrigin.Mqtt);
        foreach (var parameters in new[] { """{"tokens":["other","mine"]}""", $$"""{"holders":["{{Holder}}"]}""", $$"""{"keys":["{{_keys.Signing.Thumbprint}}"]}""", $$"""{"issuer":"dev","before":{{_forge.Now + 1}}}""" })
            Assert.Contains("caller's own", rig.Call("access.revoke", parameters, caller).GetProperty("message").GetString(), StringComparison.Ordinal);
        foreach (var parameters in new[] { "{}", """{"tokens":[]}""", """{"tokens":[""]}""", """{"issuer":"dev"}""", """{"before":5}""", """{"issuer":"dev","before":-1}""" })
            Assert.Equal(-32602, rig.Call("access.revoke", parameters, caller).GetProperty("code").GetInt32());

        Assert.Equal(0, revocations.Told.Count);
        Assert.Equal(-32001, rig.Call("access.revoke", """{"tokens":["a"]}""", ControlRig.With(AccessScope.All & ~AccessScope.Manage)).GetProperty("code").GetInt32());
    }

    [Fact]
    public void The_list_is_told_in_pages()
    {
        _file.WriteRevoked("""{ "keys": ["leaked"], "before": { "dev": 7 } }""");
        var revocations = new Revocations(_time, _file.RevokedPath);
        using var rig = new ControlRig(RevocationMethods.Create(revocations));
        Assert.Null(revocations.Add(List(tokens: [.. Enumerable.Range(0, 250).Select(static i => $"token-{i:000}")])));

        var first = rig.Call("access.revocations");
        Assert.Equal((252, 200), (first.GetProperty("count").GetInt32(), first.GetProperty("revocations").GetArrayLength()));
        Assert.Equal("""{"kind":"key","name":"leaked","origin":"file"}""", first.GetProperty("revocations")[0].GetRawText());
        Assert.Equal("""{"kind":"issuer","name":"dev","origin":"file","before":7}""", first.GetProperty("revocations")[1].GetRawText());
        var last = rig.Call("access.revocations", """{"offset":251}""").GetProperty("revocations")[0];
        Assert.Equal(("token", "token-249", "remote"), (last.GetProperty("kind").GetString(), last.GetProperty("name").GetString(), last.GetProperty("origin").GetString()));
        Assert.Equal((_time.GetUtcNow() + TimeSpan.FromDays(401)).ToUnixTimeSeconds(), last.GetProperty("until").GetInt64());
    }

    private static async Task<JsonElement> RevokeAsync(ControlRig rig, string parameters)
    {
        var response = await rig.Dispatcher.HandleAsync(System.Text.Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"access.revoke","params":{{parameters}}}"""), ControlRig.Alice);
        return JsonElement.Parse(response!).GetProperty("result");
    }

    private static RevocationList List(string[]? tokens = null, string[]? holders = null, string[]? keys = null) =>
        RevocationList.Empty with { Tokens = RevocationList.Names(tokens ?? []), Holders = RevocationList.Names(holders ?? []), Keys = RevocationList.Names(keys ?? []) };

    private TokenVerifier Verifier(Revocations revocations) => new(new TrustStore("dev", _keys.Signing, _time, revocations: revocations), _keys.Signing, _time);
}
