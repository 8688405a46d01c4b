#pragma warning disable CA1416 // EdgeCam runs on Linux

using System.Security.Cryptography;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>The device's keys on the disk.</summary>
public sealed class DeviceKeysTests : IDisposable
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _above = Directory.CreateTempSubdirectory("edgecam-keys-").FullName;

    private string Folder => Path.Combine(_above, "state");

    private string Identity => Path.Combine(Folder, DeviceKeys.IdentityFile);

    private string Signing => Path.Combine(Folder, DeviceKeys.SigningFile);

    public void Dispose() => Directory.Delete(_above, recursive: true);

    [Fact]
    public void They_are_made_once_and_for_their_owner_only()
    {
        using var first = DeviceKeys.Load(Folder);
        using var second = DeviceKeys.Load(Folder);

        Assert.Equal((first.Identity.Thumbprint, first.Signing.Thumbprint), (second.Identity.Thumbprint, second.Signing.Thumbprint));
        Assert.NotEqual(first.Identity.Thumbprint, first.Signing.Thumbprint);
        Assert.Equal(OwnersFile | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal([Identity, Signing], Directory.GetFiles(Folder).Order(StringComparer.Ordinal)); // and no draft beside them
        Assert.All(Directory.GetFiles(Folder), file => Assert.Equal(OwnersFile, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Two_that_start_at_once_have_the_same()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => DeviceKeys.Load(Folder))));

        Assert.Single(keys.Select(key => key.Identity.Thumbprint).Distinct());
        Assert.Single(keys.Select(key => key.Signing.Thumbprint).Distinct());
        foreach (var key in keys)
            key.Dispose();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_may_read_is_refused(UnixFileMode more)
    {
        DeviceKeys.Load(Folder).Dispose();
        File.SetUnixFileMode(Signing, OwnersFile | more);

        var failure = Assert.Throws<DeviceKeysException>(() => DeviceKeys.Load(Folder));

        Assert.Contains(Signing, failure.Problem, StringComparison.Ordinal);
        Assert.Contains("chmod 600", failure.Remedy, StringComparison.Ordinal);
        Assert.Throws<DeviceKeysException>(() => DeviceKeys.LoadOrCreateForThisRun(Folder, out _)); // open access is no excuse
    }

    [Fact]
    public void A_folder_that_others_may_write_is_refused()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, OwnersFile | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);

        Assert.Contains("chmod 700", Assert.Throws<DeviceKeysException>(() => DeviceKeys.Load(Folder)).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_belongs_to_another_user_is_refused(bool isFolder)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root gives files away");
        DeviceKeys.Load(Folder).Dispose();
        var place = isFolder ? Folder : Signing;
        using (var giving = System.Diagnostics.Process.Start("chown", ["65534", place]))
            giving.WaitForExit();

        var failure = Assert.Throws<DeviceKeysException>(() => DeviceKeys.Load(Folder));

        Assert.StartsWith(place, failure.Problem, StringComparison.Ordinal);
        Assert.Contains("another user", failure.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("hunter2")]
    [InlineData(null)] // a key of another curve
    public void What_is_no_key_is_refused_without_quoting_it(string? content)
    {
        DeviceKeys.Load(Folder).Dispose();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        File.WriteAllText(Identity, content ?? other.ExportPkcs8PrivateKeyPem());

        var failure = Assert.Throws<DeviceKeysException>(() => DeviceKeys.Load(Folder));

        Assert.Contains(Identity, failure.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_costs_open_access_only_the_lasting()
    {
        var place = Path.Combine(_above, "a-file");
        File.WriteAllText(place, "");
        var folder = Path.Combine(place, "state");

        Assert.Contains(folder, Assert.Throws<DeviceKeysException>(() => DeviceKeys.Load(folder)).Problem, StringComparison.Ordinal);
        using var keys = DeviceKeys.LoadOrCreateForThisRun(folder, out var problem);
        Assert.False(keys.IsLasting);
        Assert.Contains(folder, problem, StringComparison.Ordinal);

        using var lasting = DeviceKeys.LoadOrCreateForThisRun(Folder, out var none);
        Assert.True(lasting.IsLasting);
        Assert.Null(none);
    }

    [Fact]
    public void A_write_that_fails_leaves_what_was_there()
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, "presets.json");
        StateFile.Write(path, "one"u8);
        StateFile.Write(path, "two"u8);

        Assert.Throws<IOException>(() => StateFile.Write(path, "three"u8, mayReplace: false));

        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Folder));
    }
}
