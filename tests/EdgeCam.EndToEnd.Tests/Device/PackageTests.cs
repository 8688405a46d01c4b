namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The package's life on a device: nobody is asked anything, and nothing of the operator's is lost before he purges it.</summary>
public sealed class PackageTests(ITestOutputHelper output)
{
    private const string Edited = "{ \"device\": { \"id\": \"edited\" }, \"http\": { \"bind\": \"0.0.0.0:8080\", \"allowPlaintext\": true } }";
    private const string Configuration = "/etc/edgecam/edgecam.json";

    public static TheoryData<string> Suites => Workplace.IsSoak ? ["trixie", "bookworm"] : ["trixie"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task It_is_installed_upgraded_downgraded_removed_and_purged(string suite)
    {
        GuestHost.Need();
        var package = await Package.FileAsync();
        using var folder = new TemporaryFolder();
        var next = await Package.RenumberAsync(package, "99.0.0", folder.Path);
        await using var guest = await Guest.StartAsync(suite);
        await guest.CopyToAsync(package, "/root/first.deb");
        await guest.CopyToAsync(next, "/root/next.deb");

        output.WriteLine(await InstallAsync(guest, "first"));
        await guest.UntilAsync("systemctl is-active edgecam", "the service runs without a camera, after having tried it");
        Assert.StartsWith("edgecam ", await guest.OutputAsync("edgecam version"), StringComparison.Ordinal);
        Assert.Contains("0 of 1 camera live", await guest.OutputAsync("systemctl show edgecam -P StatusText"), StringComparison.Ordinal);
        await guest.OutputAsync($"echo '{Edited}' > {Configuration}; systemctl restart edgecam");
        await guest.UntilAsync("test -s /var/lib/edgecam/identity.pem && systemctl is-active edgecam", "the device has its keys");
        var identity = await guest.OutputAsync("sha256sum /var/lib/edgecam/identity.pem");

        output.WriteLine(await InstallAsync(guest, "next"));
        await MustBeAsync("99.0.0");
        output.WriteLine(await InstallAsync(guest, "first")); // as dpkg downgrades
        await MustBeAsync(null);

        await guest.OutputAsync("dpkg -r edgecam < /dev/null 2>&1");
        Assert.NotEqual(0, (await guest.RunAsync("test -e /usr/bin/edgecam || systemctl is-active edgecam || pgrep -x edgecam")).ExitCode);
        Assert.Equal(Edited, await guest.OutputAsync($"cat {Configuration}"));
        output.WriteLine(await InstallAsync(guest, "next"));
        await MustBeAsync("99.0.0");

        await guest.OutputAsync("dpkg -P edgecam < /dev/null 2>&1");
        Assert.Equal("", await guest.OutputAsync("ls -d /etc/edgecam /var/lib/edgecam /usr/bin/edgecam /etc/systemd/system/multi-user.target.wants/edgecam* /run/edgecam 2> /dev/null; pgrep -x edgecam; true"));
        await InstallAsync(guest, "first");
        await guest.UntilAsync("systemctl is-active edgecam && test -s /var/lib/edgecam/identity.pem", "it begins anew");
        Assert.NotEqual(identity, await guest.OutputAsync("sha256sum /var/lib/edgecam/identity.pem"));
        Assert.Contains("check --config", await guest.OutputAsync($"cat {Configuration}"), StringComparison.Ordinal);

        async Task MustBeAsync(string? version)
        {
            await guest.UntilAsync("systemctl is-active edgecam", "the service runs");
            if (version is not null)
                Assert.Equal(version, await guest.OutputAsync("dpkg-query -W -f '${Version}' edgecam"));
            Assert.Equal(Edited, await guest.OutputAsync($"cat {Configuration}"));
            Assert.Equal(identity, await guest.OutputAsync("sha256sum /var/lib/edgecam/identity.pem"));
            Assert.Equal("edgecam 600", await guest.OutputAsync("stat -c '%U %a' /var/lib/edgecam/identity.pem"));
        }
    }

    /// <summary>With an edited configuration in place and nobody at the keyboard: a question would fail it.</summary>
    private static Task<string> InstallAsync(Guest guest, string name) => guest.OutputAsync($"dpkg -i --force-depends /root/{name}.deb < /dev/null 2>&1", TimeSpan.FromMinutes(3));
}
