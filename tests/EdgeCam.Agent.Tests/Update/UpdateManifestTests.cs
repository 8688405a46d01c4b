using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Update;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>What a manifest must be, and what deploy/update/manifest.mjs makes.</summary>
public sealed class UpdateManifestTests : IDisposable
{
    private static readonly byte[] s_archive = UpdateSystem.Archive("1.1.0");

    private readonly UpdateSystem _system = new();

    public void Dispose() => _system.Dispose();

    [Fact]
    public void A_good_one_is_read()
    {
        var (manifest, refusal) = Open(_system.Manifest("1.1.0", s_archive, static payload => payload["rollbackIndex"] = 7));

        Assert.Null(refusal);
        Assert.Equal(("1.1.0", UpdateSystem.Class, (long)s_archive.Length, "0.1.0", 7L), (manifest!.Version.Text, manifest.DeviceClass, manifest.Size, manifest.MinimumVersion!.Text, manifest.RollbackIndex));
    }

    [Theory]
    [InlineData("v", "2", UpdateReasons.BadManifest)]
    [InlineData("product", "\"toaster\"", UpdateReasons.WrongProduct)]
    [InlineData("version", "\"1.1\"", UpdateReasons.BadManifest)]
    [InlineData("version", "\"../../etc\"", UpdateReasons.BadManifest)]
    [InlineData("version", "11", UpdateReasons.BadManifest)]
    [InlineData("deviceClass", "null", UpdateReasons.BadManifest)]
    [InlineData("size", "0", UpdateReasons.BadManifest)]
    [InlineData("size", "300000000", UpdateReasons.BadManifest)]
    [InlineData("size", "1.5", UpdateReasons.BadManifest)]
    [InlineData("sha256", "\"abc\"", UpdateReasons.BadManifest)]
    [InlineData("rollbackIndex", "-1", UpdateReasons.BadManifest)]
    [InlineData("rollbackIndex", "null", UpdateReasons.BadManifest)]
    [InlineData("minimumVersion", "\"new\"", UpdateReasons.BadManifest)]
    [InlineData("minimumVersion", "1", UpdateReasons.BadManifest)]
    public void A_wrong_member_is_named(string member, string value, string reason)
    {
        var (manifest, refusal) = Open(_system.Manifest("1.1.0", s_archive, payload => payload[member] = JsonNode.Parse(value)));

        Assert.Null(manifest);
        Assert.Equal(reason, refusal!.Reason);
        Assert.Contains(member, refusal.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.Remedy);
    }

    [Theory]
    [InlineData("alg", "none")]
    [InlineData("alg", "HS256")]
    [InlineData("typ", "JWT")] // a token of the same key, say
    [InlineData("crit", "exp")]
    public void A_wrong_header_is_refused(string member, string value) =>
        Assert.Equal(UpdateReasons.BadManifest, Open(_system.Manifest("1.1.0", s_archive, header: head => head[member] = member == "crit" ? new JsonArray(value) : value)).Refusal!.Reason);

    [Fact]
    public void Each_flipped_bit_is_found()
    {
        var good = _system.Manifest("1.1.0", s_archive);
        using var keys = UpdateKeys.Load(_system.Paths.Keys);
        var random = new Random(20_26);
        for (var i = 0; i < 200; i++)
        {
            var letters = good.ToCharArray();
            var at = random.Next(letters.Length - 1); // of the last letter, some bits are of no meaning (RFC 4648 §3.5)
            letters[at] ^= (char)(1 << random.Next(7));
            var (manifest, refusal) = UpdateManifest.Open(new(letters), keys);
            Assert.True(manifest is null, $"bit in letter {at} of {good.Length}");
            Assert.Contains(refusal!.Reason, new[] { UpdateReasons.BadManifest, UpdateReasons.UnknownKey, UpdateReasons.WrongSignature });
        }
    }

    [Fact]
    public void Another_key_is_refused_and_those_that_are_known_are_named()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var unknown = Open(_system.Manifest("1.1.0", s_archive, key: other)).Refusal!;
        Assert.Equal(UpdateReasons.UnknownKey, unknown.Reason);
        Assert.Contains(PublicJwk.Of(_system.Key).Thumbprint(), unknown.Remedy, StringComparison.Ordinal);

        var pretended = Open(_system.Manifest("1.1.0", s_archive, key: other, header: head => head["kid"] = PublicJwk.Of(_system.Key).Thumbprint())).Refusal!;
        Assert.Equal(UpdateReasons.WrongSignature, pretended.Reason);
    }

    /// <summary>The rotation of deploy/update/README.md.</summary>
    [Fact]
    public void Either_of_two_keys_signs_until_the_old_one_is_gone()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(_system.Paths.Keys, "two.pem"), next.ExportSubjectPublicKeyInfoPem());
        Assert.Null(Open(_system.Manifest("1.1.0", s_archive)).Refusal);
        Assert.Null(Open(_system.Manifest("1.1.0", s_archive, key: next)).Refusal);

        File.Delete(Path.Combine(_system.Paths.Keys, "one.pem"));

        Assert.Equal(UpdateReasons.UnknownKey, Open(_system.Manifest("1.1.0", s_archive)).Refusal!.Reason);
        Assert.Null(Open(_system.Manifest("1.1.0", s_archive, key: next)).Refusal);
    }

    [Fact]
    public void What_is_no_key_of_roots_counts_for_nothing_and_is_named()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var secret = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        void Put(string name, string text) => File.WriteAllText(Path.Combine(_system.Paths.Keys, name), text);
        Put("one.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
        Put("curve.pem", curve.ExportSubjectPublicKeyInfoPem());
        Put("secret.pem", secret.ExportPkcs8PrivateKeyPem());
        Put("large.pem", new('x', 5000));
        Put("open.pem", _system.Key.ExportSubjectPublicKeyInfoPem());
        File.SetUnixFileMode(Path.Combine(_system.Paths.Keys, "open.pem"), (UnixFileMode)0b110_110_110);

        using var keys = UpdateKeys.Load(_system.Paths.Keys);

        Assert.Empty(keys.Thumbprints);
        Assert.Equal(["curve.pem", "large.pem", "one.pem", "open.pem", "secret.pem"], keys.Problems.Select(static problem => problem.Split(' ')[0]));
        Assert.Equal(UpdateReasons.NoKeys, keys.Missing()!.Reason);
        Assert.DoesNotContain(secret.ExportPkcs8PrivateKeyPem()[30..60], string.Join(' ', keys.Problems), StringComparison.Ordinal);

        File.SetUnixFileMode(_system.Paths.Keys, (UnixFileMode)0b111_111_111);
        Assert.Contains("could be written by others", Open(_system.Manifest("1.1.0", s_archive)).Refusal!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tool_makes_what_the_device_takes()
    {
        Tool.Need("node", "nodejs");
        string Run(params string[] arguments) => Tool.Read("node", [Path.Combine(Tool.RepositoryRoot(), "deploy", "update", "manifest.mjs"), .. arguments]);
        var (name, archive, manifest) = (Path.Combine(_system.Root, "fleet"), Path.Combine(_system.Root, "edgecam-1.1.0-rc.1-arm64.tar.gz"), Path.Combine(_system.Root, "manifest"));
        File.WriteAllBytes(archive, s_archive);
        Run("keygen", name);
        Run("sign", "--key", $"{name}.key.pem", "--archive", archive, "--rollback-index", "3", "--minimum-version", "1.0.0", "--notes", "Ünïcode.", "--out", manifest);
        Assert.Equal(UpdateReasons.UnknownKey, Open(File.ReadAllText(manifest)).Refusal!.Reason);

        File.Copy($"{name}.pem", Path.Combine(_system.Paths.Keys, "fleet.pem"));
        var (read, refusal) = Open(File.ReadAllText(manifest));

        Assert.Null(refusal);
        Assert.Equal(("1.1.0-rc.1", "linux-arm64", (long)s_archive.Length, 3L, "1.0.0"), (read!.Version.Text, read.DeviceClass, read.Size, read.RollbackIndex, read.MinimumVersion!.Text));
        Assert.Contains("\"rollbackIndex\": 3", Run("verify", "--manifest", manifest, "--keys", _system.Paths.Keys, "--archive", archive), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{name}.key.pem"));
    }

    private (UpdateManifest? Manifest, UpdateRefusal? Refusal) Open(string text)
    {
        using var keys = UpdateKeys.Load(_system.Paths.Keys);
        return UpdateManifest.Open(text, keys);
    }
}
