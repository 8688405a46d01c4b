using System.Text;
using EdgeCam.Agent.Management.Setup;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Interop;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Setup;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary><c>edgecam setup</c>, on a system in a folder.</summary>
public sealed class SetupCommandTests : IDisposable
{
    private readonly SetupFixture _system = new();

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task Everything_that_the_file_says_is_there_afterwards_and_the_file_is_gone()
    {
        var (code, output, errors) = await _system.RunAsync(SetupFixture.Full());

        Assert.True(code == 0, errors);
        Assert.False(File.Exists(_system.File));
        Assert.False(File.Exists(_system.Errors));
        Assert.Equal("porch\n", _system.Read("etc/hostname"));
        Assert.Equal("127.0.0.1\tlocalhost\n127.0.1.1\tporch\n::1\tlocalhost\n", _system.Read("etc/hosts"));
        Assert.Equal("hunter2-äß\n", _system.Read("etc/edgecam/mqtt.password"));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", _system.Read("etc/edgecam/broker-ca.pem"), StringComparison.Ordinal);
        Assert.Equal("options cfg80211 ieee80211_regdom=DE\n", _system.Read("etc/modprobe.d/edgecam-wifi.conf"));
        Assert.Contains("\nssid=72;111;109;101;32;110;101;116;\n", _system.Read(WifiProfile.Path), StringComparison.Ordinal);
        Assert.Contains("\nhidden=true\n", _system.Read(WifiProfile.Path), StringComparison.Ordinal);
        Assert.Contains("\npsk=\\sp#ss\\\\w;rd\\s\n", _system.Read(WifiProfile.Path), StringComparison.Ordinal);
        Assert.Equal(SetupFixture.SshKey + "\n", _system.Read("root/.ssh/authorized_keys"));
        Assert.Contains("PasswordAuthentication no\n", _system.Read("etc/ssh/sshd_config.d/10-edgecam.conf"), StringComparison.Ordinal);
        Assert.Equal("/usr/lib/systemd/system/ssh.service", new FileInfo(Path.Combine(_system.Root, "etc/systemd/system/multi-user.target.wants/ssh.service")).LinkTarget);
        Assert.Contains("/etc/edgecam/edgecam.json", output, StringComparison.Ordinal);
        AssertNoSecret(output + errors);
    }

    [Fact]
    public async Task The_configuration_is_one_that_the_agent_takes()
    {
        await _system.RunAsync(SetupFixture.Full());

        var json = _system.Read("etc/edgecam/edgecam.json").Replace("/etc/edgecam/", $"{_system.Root}/etc/edgecam/", StringComparison.Ordinal);
        var (options, mistakes) = AgentOptionsReader.Parse(json);
        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
        Assert.Equal(("porch", "Porch"), (options!.Device.Id, options.Device.Name));
        Assert.Equal(("mqtts://broker.example.org", "porch"), (options.Mqtt.Broker, options.Mqtt.Username));
        Assert.Equal($"{_system.Root}/etc/edgecam/mqtt.password", options.Mqtt.PasswordFile);
        Assert.Equal((1920, "systemd"), (options.Cameras[0].Width, options.Log.Format));
        Assert.Equal(("https://fleet.example.org", "nas"), (options.Security.Issuers[0].Name, options.Security.Issuers[1].Name));
        Assert.Equal((AccessScope.All, AccessScope.View), (options.Security.Issuers[0].MostScopes, options.Security.Issuers[1].MostScopes));
        Assert.Equal([$"{_system.Root}/etc/edgecam/issuers/0.json", $"{_system.Root}/etc/edgecam/issuers/1.pem"], options.Security.Issuers.Select(static issuer => issuer.KeysFile!));
        _ = PemCertificate.Load(options.Mqtt.CertificateFile!, options.Mqtt.KeyFile);
    }

    [Fact]
    public async Task The_update_keys_are_those_that_the_agent_finds_and_others_stay()
    {
        _system.Write("etc/edgecam/update-keys/mine.pem", SetupFixture.PublicKey());
        await _system.RunAsync(SetupFixture.Full());
        using var keys = UpdateKeys.Load(new UpdatePaths(_system.Root).Keys);
        Assert.Equal((3, 0), (keys.Thumbprints.Count, keys.Problems.Count));
    }

    [Fact]
    public async Task A_key_that_stands_beside_a_certificate_is_not_written_where_anybody_may_read_it()
    {
        var (certificate, key) = SetupFixture.Pair();
        var (code, _, errors) = await _system.RunAsync($$"""
            { "mqtt": { "broker": "mqtts://b", "certificate": {{SetupFixture.Quoted(certificate + "\n" + key)}}, "key": {{SetupFixture.Quoted(key)}} } }
            """);
        Assert.True(code == 0, errors);
        Assert.DoesNotContain("PRIVATE", _system.Read("etc/edgecam/mqtt-certificate.pem"), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", _system.Read("etc/edgecam/mqtt-key.pem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keys_are_those_that_the_agent_finds()
    {
        var signing = SetupFixture.Key();
        using var expected = DeviceKey.TryRead(signing)!;
        await _system.RunAsync(SetupFixture.Full(signing));

        var state = Path.Combine(_system.Root, "var/lib/edgecam");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(state));
        using var found = DeviceKey.TryRead(_system.Read("var/lib/edgecam/signing.pem"))!;
        Assert.Equal(expected.Thumbprint, found.Thumbprint);
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal((uint)SetupFixture.User, FileOwner.Of(state));
            return;
        }

        using var keys = DeviceKeys.Load(state);
        Assert.Equal(expected.Thumbprint, keys.Signing.Thumbprint);
    }

    [Theory]
    [InlineData("etc/edgecam/edgecam.json", 0b110_100_100, 0)]
    [InlineData("etc/edgecam/mqtt.password", 0b110_100_000, 0)]
    [InlineData("etc/edgecam/broker-ca.pem", 0b110_100_100, 0)]
    [InlineData("etc/edgecam/mqtt-certificate.pem", 0b110_100_100, 0)]
    [InlineData("etc/edgecam/mqtt-key.pem", 0b110_100_000, 0)]
    [InlineData("etc/edgecam/issuers/0.json", 0b110_100_100, 0)]
    [InlineData("etc/edgecam/issuers/1.pem", 0b110_100_100, 0)]
    [InlineData("etc/edgecam/update-keys", 0b111_101_101, 0)]
    [InlineData("etc/NetworkManager/system-connections/edgecam-wifi.nmconnection", 0b110_000_000, 0)]
    [InlineData("var/lib/edgecam/signing.pem", 0b110_000_000, SetupFixture.User)]
    [InlineData("var/lib/edgecam/identity.pem", 0b110_000_000, SetupFixture.User)]
    [InlineData("root/.ssh/authorized_keys", 0b110_000_000, 0)]
    [InlineData("root/.ssh", 0b111_000_000, 0)]
    public async Task Each_file_is_read_by_those_who_have_to(string path, int mode, uint owner)
    {
        await _system.RunAsync(SetupFixture.Full());

        var full = Path.Combine(_system.Root, path);
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(full));
        if (Environment.IsPrivilegedProcess)
            Assert.Equal(owner, FileOwner.Of(full));
    }

    [Fact]
    public async Task It_is_merged_over_the_configuration_that_is_there()
    {
        _system.Write("etc/edgecam/edgecam.json", """
            // Mine.
            { "device": { "id": "old", "name": "Old" }, "peers": { "port": 50001 }, "log": { "level": "debug", }, }
            """);

        var (code, _, errors) = await _system.RunAsync("""{ "device": { "id": "porch" }, "config": { "log": { "level": null }, "peers": { "maxViewers": 8 } } }""");

        Assert.True(code == 0, errors);
        var (options, _) = AgentOptionsReader.Parse(_system.Read("etc/edgecam/edgecam.json"));
        Assert.Equal(("porch", "Old", 50001, 8, "information"), (options!.Device.Id, options.Device.Name, options.Peers.Port, options.Peers.MaxViewers, options.Log.Level));
    }

    [Fact]
    public async Task A_second_run_after_any_part_of_the_first_gives_the_same_end()
    {
        var json = SetupFixture.Full();
        await _system.RunAsync(json);
        var end = _system.Snapshot();
        foreach (var cut in end.Keys.Where(path => !path.StartsWith("usr/", StringComparison.Ordinal) && path is not ("etc/passwd" or "etc/group" or "etc/hosts")).ToArray())
        {
            // The power went while this one was written: a draft lies there, the file does not, and the setup file is still there.
            var full = Path.Combine(_system.Root, cut);
            File.Delete(full);
            File.WriteAllText(SetupWriter.Draft(full), "half of");
            var (code, _, errors) = await _system.RunAsync(json);

            Assert.True(code == 0, errors);
            if (new FileInfo(full).LinkTarget is not null)
                File.Delete(SetupWriter.Draft(full)); // links have no drafts
            Assert.Equal(end, _system.Snapshot());
        }
    }

    [Fact]
    public async Task A_mistake_leaves_everything_as_it_was_and_says_so_beside_the_file()
    {
        var before = _system.Snapshot();
        var json = """{ "device": { "id": "porch" }, "wifi": { "ssid": "Home", "password": "hunter2" } }""";

        var (code, output, errors) = await _system.RunAsync(json);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("wifi.password: has 7 characters", errors, StringComparison.Ordinal);
        AssertNoSecret(errors);
        Assert.Equal(errors, (await File.ReadAllTextAsync(_system.Errors)).Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal(json, await File.ReadAllTextAsync(_system.File));
        File.Delete(_system.File);
        File.Delete(_system.Errors);
        Assert.Equal(before, _system.Snapshot());
    }

    [Fact]
    public async Task What_was_wrong_before_is_no_longer_said_once_it_is_right()
    {
        await _system.RunAsync("{ \"devise\": {} }");
        Assert.True(File.Exists(_system.Errors));

        await _system.RunAsync("{ \"device\": { \"id\": \"porch\" } }");

        Assert.False(File.Exists(_system.Errors));
    }

    [Fact]
    public async Task A_check_writes_nothing()
    {
        var json = SetupFixture.Full();
        await File.WriteAllTextAsync(_system.File, json);
        var before = _system.Snapshot();

        var (code, output, _) = await _system.RunAsync(null, "--check");
        Assert.Equal(0, code);
        Assert.Contains("/etc/hostname", output, StringComparison.Ordinal);
        Assert.Equal(before, _system.Snapshot());

        (code, _, _) = await _system.RunAsync("""{ "device": 7 }""", "--check");
        Assert.Equal(1, code);
        Assert.False(File.Exists(_system.Errors));
    }

    [Fact]
    public async Task Without_the_file_there_is_nothing_to_do()
    {
        var (code, output, errors) = await _system.RunAsync(null);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("nothing to set up", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_power_cut_amid_the_shredding_leaves_is_removed()
    {
        var (code, _, errors) = await _system.RunAsync(new string('\0', 300));
        Assert.True(code == 0, errors);
        Assert.False(File.Exists(_system.File));
    }

    [Fact]
    public async Task Editors_of_Windows_may_have_written_it()
    {
        await File.WriteAllTextAsync(_system.File, "{ \"device\": { \"id\": \"porch\" } }\r\n", Encoding.Unicode);
        var (code, _, errors) = await _system.RunAsync(null);
        Assert.True(code == 0, errors);
        Assert.Equal("porch\n", _system.Read("etc/hostname"));
    }

    [Fact]
    public async Task Without_the_service_s_user_nothing_is_written()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives files away");
        _system.Write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");

        var (code, _, errors) = await _system.RunAsync(SetupFixture.Full());

        Assert.Equal(1, code);
        Assert.Contains("Install the package edgecam", errors, StringComparison.Ordinal);
        Assert.False(_system.Has("etc/hostname"));
    }

    [Fact]
    public async Task A_disk_that_fails_leaves_the_file_for_the_next_run()
    {
        _system.Write("etc/edgecam", "a file where the folder should be");
        var (code, _, errors) = await _system.RunAsync(SetupFixture.Full());
        Assert.Equal(3, code);
        Assert.Contains("a further run begins anew", errors, StringComparison.Ordinal);
        AssertNoSecret(errors);
        Assert.True(File.Exists(_system.File));
    }

    [Theory]
    [InlineData("needs the file")]
    [InlineData("--flie is not understood", "--flie", "x")]
    [InlineData("--file needs a value", "--file")]
    [InlineData("there is no folder /nowhere", "--file", "x", "--root", "/nowhere")]
    public async Task A_command_that_is_not_understood_says_how_it_is_written(string expected, params string[] arguments)
    {
        var errors = new StringWriter();
        Assert.Equal(2, await CommandLine.RunAsync(["setup", .. arguments], null!, new StringWriter(), errors));
        Assert.Contains(expected, errors.ToString(), StringComparison.Ordinal);
    }

    private static void AssertNoSecret(string said)
    {
        foreach (var secret in (string[])["hunter2", "p#ss", "PRIVATE KEY"])
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
    }
}
