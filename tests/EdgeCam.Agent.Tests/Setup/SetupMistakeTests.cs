using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeCam.Agent.Tests.Setup;

/// <summary>Each mistake in a setup file is named with its key and its remedy, and all of them at once.</summary>
public sealed class SetupMistakeTests : IDisposable
{
    private readonly SetupFixture _system = new();

    public void Dispose() => _system.Dispose();

    [Theory]
    [InlineData("""{ "devcie": {} }""", "devcie", "Did you mean device?")]
    [InlineData("""{ "wifi": { "ssid": "a", "pasword": "x" } }""", "wifi.pasword", "wifi.password")]
    [InlineData("""{ "http": {} }""", "http", "config.http")]
    [InlineData("""{ "zzzzzzzz": {} }""", "zzzzzzzz", "device, wifi, mqtt, keys, security, update, ssh and config")]
    [InlineData("""{ "device": { "id": "Kitchen Cam" } }""", "device.id", "a-z, 0-9")]
    [InlineData("""{ "device": { "id": "porch-" } }""", "device.id", "host's name")]
    [InlineData("""{ "wifi": { "password": "12345678" } }""", "wifi.ssid", "no default")]
    [InlineData("""{ "wifi": { "ssid": "ααααααααααααααααα" } }""", "wifi.ssid", "1 to 32 bytes")]
    [InlineData("""{ "wifi": { "ssid": "a", "password": "pässword" } }""", "wifi.password", "8 to 63")]
    [InlineData("""{ "wifi": { "ssid": "a", "password": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg" } }""", "wifi.password", "64 hexadecimal digits")]
    [InlineData("""{ "wifi": { "ssid": "a", "country": "de" } }""", "wifi.country", "two capital letters")]
    [InlineData("""{ "mqtt": { "broker": "broker.example.org" } }""", "mqtt.broker", "mqtts://host:8883")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "password": "x" } }""", "mqtt.username", "Name the user")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "username": "u", "password": "x\ny" } }""", "mqtt.password", "one line")]
    [InlineData("""{ "mqtt": { "username": "u", "password": "x" } }""", "config.mqtt.broker", "Name the broker")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "ca": "CERTIFICATE" } }""", "mqtt.ca", "BEGIN CERTIFICATE")]
    [InlineData("""{ "keys": { "signing": "x" } }""", "keys.signing", "openssl ecparam")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "key": "x" } }""", "mqtt.certificate", "wants both")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "certificate": "x", "key": "y" } }""", "mqtt.certificate", "BEGIN CERTIFICATE")]
    [InlineData("""{ "update": {} }""", "update.keys", "no default")]
    [InlineData("""{ "update": { "keys": [] } }""", "update.keys", "leave update out")]
    [InlineData("""{ "update": { "keys": ["x"] } }""", "update.keys[0]", "BEGIN PUBLIC KEY")]
    [InlineData("""{ "security": {} }""", "security.issuers", "no default")]
    [InlineData("""{ "security": { "issuers": [{ "keys": "{}" }] } }""", "security.issuers[0].name", "no default")]
    [InlineData("""{ "security": { "issuers": [{ "name": "a" }] } }""", "security.issuers[0].keys", "no default")]
    [InlineData("""{ "security": { "issuers": [{ "name": "a", "keys": "{}" }] } }""", "security.issuers[0].keys", "JWK set")]
    [InlineData("""{ "security": { "issuers": [{ "name": "a", "keys": "x" }] } }""", "security.issuers[0].keys", "BEGIN PUBLIC KEY")]
    [InlineData("""{ "ssh": {} }""", "ssh.authorizedKeys", "no default")]
    [InlineData("""{ "ssh": { "authorizedKeys": [] } }""", "ssh.authorizedKeys", "leave ssh out")]
    [InlineData("""{ "ssh": { "authorizedKeys": ["ssh-ed25519 AAAA ann"] } }""", "ssh.authorizedKeys[0]", "id_ed25519.pub")]
    [InlineData("""{ "config": { "log": { "levle": "debug" } } }""", "config.log.levle", "config.log.level")]
    [InlineData("""{ "config": { "cameras": [{ "name": "a", "source": "rpicam:0", "width": 5 }] } }""", "config.cameras[0].width", "between 64 and 4096")]
    [InlineData("""{ "device": { "id": "a" }, "config": { "device": { "id": "b" } } }""", "config.device.id", "Leave it out of config")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://b", "username": "u", "password": "x" }, "config": { "mqtt": { "passwordFile": "/x" } } }""", "config.mqtt.passwordFile", "Leave it out of config")]
    [InlineData("""{ "config": { "peers": { "turnServers": [{ "url": "turn:a", "secretFile": "/etc/none" }] } } }""", "config.peers.turnServers[0].secretFile", "Check the path")]
    [InlineData("""[]""", "", "not a JSON object")]
    [InlineData("""{ "device": """, "", "line 1")]
    public async Task A_mistake_has_its_key_and_its_remedy(string json, string key, string remedy)
    {
        var (code, _, errors) = await _system.RunAsync(json);
        Assert.Equal(1, code);
        Assert.Contains(key.Length == 0 ? remedy : $"{key}: ", errors, StringComparison.Ordinal);
        Assert.Contains(remedy, errors, StringComparison.Ordinal);
        Assert.Contains(": 1 mistake, nothing was set up", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_the_wrong_kind_is_not_quoted()
    {
        var (_, _, errors) = await _system.RunAsync("""{ "wifi": { "ssid": "a", "password": 12345678 }, "keys": { "signing": [4711] } }""");
        Assert.Contains("wifi.password: is something else", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("12345678", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_on_another_curve_is_none()
    {
        var json = $$"""{ "keys": { "identity": {{JsonSerializer.Serialize(SetupFixture.Key(ECCurve.NamedCurves.nistP384))}} } }""";
        var (code, _, errors) = await _system.RunAsync(json);
        Assert.Equal(1, code);
        Assert.Contains("keys.identity: is not a private key on the curve P-256", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_needs_a_broker_that_shows_one()
    {
        var json = $$"""{ "mqtt": { "broker": "mqtt://b", "ca": {{JsonSerializer.Serialize(SetupFixture.Certificate())}} } }""";
        var (_, _, errors) = await _system.RunAsync(json);
        Assert.Contains("mqtt.ca: is there, but the broker is not reached by TLS", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_the_device_s_own_needs_a_broker_that_asks_for_one()
    {
        var (certificate, key) = SetupFixture.Pair();
        var json = $$"""{ "mqtt": { "broker": "mqtt://b", "certificate": {{SetupFixture.Quoted(certificate)}}, "key": {{SetupFixture.Quoted(key)}} } }""";
        var (_, _, errors) = await _system.RunAsync(json);
        Assert.Contains("mqtt.certificate: is there, but the broker is not reached by TLS", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_with_another_s_key_is_none_and_neither_is_quoted()
    {
        var (certificate, key) = (SetupFixture.Pair().Certificate, SetupFixture.Pair().Key);
        var json = $$"""{ "mqtt": { "broker": "mqtts://b", "certificate": {{SetupFixture.Quoted(certificate)}}, "key": {{SetupFixture.Quoted(key)}} } }""";
        var (code, _, errors) = await _system.RunAsync(json);
        Assert.Equal(1, code);
        Assert.Contains("mqtt.certificate: and mqtt.key are no certificate with its private key", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_in_the_place_of_a_public_one_is_named_and_not_quoted()
    {
        var (update, issuer) = (SetupFixture.Pair().Key, SetupFixture.Pair().Key);
        var twice = SetupFixture.PublicKey();
        var json = $$"""
            { "update": { "keys": [{{SetupFixture.Quoted(update)}}, {{SetupFixture.Quoted(twice)}}, {{SetupFixture.Quoted(twice)}}] },
              "security": { "issuers": [{ "name": "a", "keys": {{SetupFixture.Quoted(issuer)}}, "scopes": ["fly"] }, { "name": "a", "keys": {{SetupFixture.Quoted(twice)}} }] } }
            """;
        var (code, _, errors) = await _system.RunAsync(json);
        Assert.Equal(1, code);
        Assert.Contains("update.keys[0]: is a private key", errors, StringComparison.Ordinal);
        Assert.Contains("update.keys[2]: is there twice", errors, StringComparison.Ordinal);
        Assert.Contains("security.issuers[0].keys: holds a private key", errors, StringComparison.Ordinal);
        Assert.Contains("security.issuers[0].scopes[0]: is no scope", errors, StringComparison.Ordinal);
        Assert.Contains("security.issuers[1].name: is the name of another issuer too", errors, StringComparison.Ordinal);
        Assert.Contains(": 5 mistakes", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(update.Split('\n')[1], errors, StringComparison.Ordinal);
        Assert.DoesNotContain(issuer.Split('\n')[1], errors, StringComparison.Ordinal);
        Assert.False(_system.Has("etc/edgecam/edgecam.json"));
    }

    [Fact]
    public async Task Issuers_are_said_once()
    {
        var json = $$"""{ "security": { "issuers": [{ "name": "a", "keys": {{SetupFixture.Quoted(SetupFixture.PublicKey())}} }] }, "config": { "security": { "issuers": [] } } }""";
        var (_, _, errors) = await _system.RunAsync(json);
        Assert.Contains("config.security.issuers: is said by this file's own section, too", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_are_said_at_once()
    {
        var (_, _, errors) = await _system.RunAsync("""
            { "device": { "id": "A" }, "wifi": { "ssid": "a", "password": "short" }, "keys": { "signing": "x" }, "ssh": { "authorizedKeys": ["x"] }, "more": 1 }
            """);
        Assert.Contains(": 5 mistakes", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_that_was_in_the_configuration_before_is_said_to_be_there()
    {
        _system.Write("etc/edgecam/edgecam.json", """{ "peers": { "maxViewers": 0 } }""");
        var (_, _, errors) = await _system.RunAsync("""{ "device": { "id": "porch" } }""");
        Assert.Contains($"{_system.Root}/etc/edgecam/edgecam.json: peers.maxViewers: is 0", errors, StringComparison.Ordinal);

        _system.Write("etc/edgecam/edgecam.json", "{");
        (_, _, errors) = await _system.RunAsync("""{ "device": { "id": "porch" } }""");
        Assert.Contains($"{_system.Root}/etc/edgecam/edgecam.json: the file is not JSON", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_system_must_have_what_is_asked_for()
    {
        File.Delete(Path.Combine(_system.Root, "usr/sbin/NetworkManager"));
        File.Delete(Path.Combine(_system.Root, "usr/lib/systemd/system/ssh.service"));
        var (_, _, errors) = await _system.RunAsync($$"""{ "wifi": { "ssid": "a" }, "ssh": { "authorizedKeys": ["{{SetupFixture.SshKey}}"] } }""");
        Assert.Contains("wifi: cannot be set up: this system has no NetworkManager", errors, StringComparison.Ordinal);
        Assert.Contains("ssh: cannot be switched on: this system has no SSH server", errors, StringComparison.Ordinal);
    }
}
