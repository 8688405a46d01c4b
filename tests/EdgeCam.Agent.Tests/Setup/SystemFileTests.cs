using System.Text;
using EdgeCam.Agent.Management.Setup;

namespace EdgeCam.Agent.Tests.Setup;

/// <summary>What other programs read, as they read it.</summary>
public sealed class SystemFileTests
{
    [Theory]
    [InlineData("Porch-5G", "Porch-5G")]
    [InlineData("12345678", "49;50;51;52;53;54;55;56;")] // digits alone would be a list
    [InlineData("a;b", "97;59;98;")]
    [InlineData(" a", "32;97;")]
    [InlineData("é", "195;169;")]
    public void An_SSID_that_could_be_mistaken_is_written_in_bytes(string ssid, string written) =>
        Assert.Contains($"\nssid={written}\n", WifiProfile.Write(ssid, null, isHidden: false), StringComparison.Ordinal);

    [Theory]
    [InlineData("password", "password")]
    [InlineData("  a b  x ", @"\s\sa b  x\s")]
    [InlineData("        ", @"\s\s\s\s\s\s\s\s")]
    [InlineData(@"back\slash", @"back\\slash")]
    [InlineData("#;=[x]\"'", "#;=[x]\"'")]
    public void A_password_reads_back_as_it_was(string password, string written)
    {
        var profile = WifiProfile.Write("a", password, isHidden: false);
        Assert.Contains($"\nkey-mgmt=wpa-psk\npsk={written}\n", profile, StringComparison.Ordinal);
        Assert.Equal(password, Unescape(written));
    }

    [Fact]
    public void An_open_Wi_Fi_has_no_security() => Assert.DoesNotContain("wifi-security", WifiProfile.Write("a", null, isHidden: false), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tporch\n")]
    [InlineData("127.0.0.1 localhost\n", "127.0.0.1 localhost\n127.0.1.1\tporch\n")]
    [InlineData("127.0.1.1\told\n# 127.0.1.1 no\n127.0.1.1 older\n10.0.0.1 nas", "127.0.1.1\tporch\n# 127.0.1.1 no\n10.0.0.1 nas\n")]
    public void The_host_finds_itself_under_its_new_name(string before, string after)
    {
        Assert.Equal(after, HostName.WriteHosts(before, "porch"));
        Assert.Equal(after, HostName.WriteHosts(after, "porch"));
    }

    [Theory]
    [InlineData(SetupFixture.SshKey, true)]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", true)]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", false)] // not the type within
    [InlineData("ssh-dss AAAAB3NzaC1kc3MAAAAA", false)]
    [InlineData("command=\"x\" " + SetupFixture.SshKey, false)]
    [InlineData("ssh-ed25519", false)]
    [InlineData("ssh-ed25519 AAAA\nssh-ed25519 AAAA", false)]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----", false)]
    public void A_public_key_says_of_which_type_it_is(string line, bool isValid) => Assert.Equal(isValid, AuthorizedKey.IsValid(line));

    /// <summary>As GKeyFile reads a value (g_key_file_get_string).</summary>
    private static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
            text.Append(value[i] == '\\' ? value[++i] switch { 's' => ' ', 'n' => '\n', 't' => '\t', 'r' => '\r', _ => '\\' } : value[i]);
        return text.ToString();
    }
}
