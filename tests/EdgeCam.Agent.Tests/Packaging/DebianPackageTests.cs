using System.Security.Cryptography;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Packaging;

/// <summary>The package that deploy/debian/build.sh makes, around a program that is none. What it does on a system: deploy/debian/test.sh.</summary>
public sealed class DebianPackageTests : IDisposable
{
    private const string Time = "1790000000"; // seconds of Unix time: 2026-09-21 14:13:20 UTC

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-package").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_holds_the_program_its_units_and_its_documents()
    {
        var package = Build("1.2.3", "arm64");

        var files = Tool.Read("dpkg-deb", "-c", package).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static fields => !fields[0].StartsWith('d'))
            .Select(static fields => $"{fields[0]} {fields[1]} {fields[5]}");

        Assert.Equal(
            [
                "-rw-r--r-- root/root ./etc/edgecam/edgecam.json",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-firstboot.service",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-reboot.path",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-reboot.service",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-update-deadline.service",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-update-deadline.timer",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-update-guard.service",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-update.path",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam-update.service",
                "-rw-r--r-- root/root ./usr/lib/systemd/system/edgecam.service",
                "-rw-r--r-- root/root ./usr/lib/sysusers.d/edgecam.conf",
                "-rw-r--r-- root/root ./usr/lib/tmpfiles.d/edgecam.conf",
                "-rw-r--r-- root/root ./usr/lib/udev/rules.d/60-edgecam.rules",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/access.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/cameras.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/changelog.gz",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/configuration.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/copyright",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/device-nodes.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/edgecam.json",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/edgecam.spdx.json.gz",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/fleet.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/publish.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/recording.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/sources.md",
                "-rw-r--r-- root/root ./usr/share/doc/edgecam/telemetry.md",
                "-rw-r--r-- root/root ./usr/share/lintian/overrides/edgecam",
                "-rw-r--r-- root/root ./usr/share/man/man1/edgecam.1.gz",
                "-rwxr-xr-x root/root ./usr/bin/edgecam",
                "-rwxr-xr-x root/root ./usr/lib/edgecam/edgecam",
            ],
            files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_names_its_version_its_processor_and_what_it_needs()
    {
        var package = Build("1.2.3", "arm64");

        string Field(string name) => Tool.Read("dpkg-deb", "-f", package, name).TrimEnd();

        Assert.Equal("edgecam", Field("Package"));
        Assert.Equal("1.2.3", Field("Version"));
        Assert.Equal("arm64", Field("Architecture"));
        Assert.Contains("libc6 (>= 2.34)", Field("Depends"), StringComparison.Ordinal);
        Assert.Contains("libssl3t64 | libssl3", Field("Depends"), StringComparison.Ordinal); // trixie's name, bookworm's
        Assert.DoesNotContain('@', Field("Depends"));
    }

    /// <summary>Else dpkg would ask at an upgrade, where somebody has edited it; and nobody is there to answer.</summary>
    [Fact]
    public void The_configuration_is_the_operators_and_the_same_in_every_version()
    {
        var package = Build("1.2.3", "arm64");

        Assert.Equal("/etc/edgecam/edgecam.json", Tool.Read("dpkg-deb", "-I", package, "conffiles").TrimEnd());
        Assert.Equal(
            "6a9014703cc7fef3e8dd84d597d7f98fd569b7eddf8da4d26251ad6dfe3b5a5b",
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Tool.RepositoryRoot(), "deploy", "debian", "edgecam.json")))));
    }

    [Fact]
    public void The_packaged_configuration_has_no_mistake()
    {
        var (options, mistakes) = AgentOptionsReader.Parse(File.ReadAllText(Path.Combine(Tool.RepositoryRoot(), "deploy", "debian", "edgecam.json")));

        Assert.Empty(mistakes);
        Assert.NotNull(options);
    }

    [Fact]
    public void Two_packages_of_one_program_are_equal()
    {
        var first = Build("1.2.3", "arm64", "first.deb");
        var second = Build("1.2.3", "arm64", "second.deb", ("TZ", "Asia/Tokyo"));

        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        foreach (var line in Tool.Read("dpkg-deb", "-c", first).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Contains(" 2026-09-21 14:13 ", line, StringComparison.Ordinal);
    }

    private string Build(string version, string architecture, string name = "edgecam.deb", params (string Name, string Value)[] environment)
    {
        Tool.Need("dpkg-deb", "dpkg");
        var (program, sbom, package) = (Path.Combine(_folder, "program"), Path.Combine(_folder, "sbom"), Path.Combine(_folder, name));
        File.WriteAllText(program, "no program");
        File.WriteAllText(sbom, "{}");
        var (exit, output) = Tool.Run(
            Path.Combine(Tool.RepositoryRoot(), "deploy", "debian", "build.sh"),
            [program, architecture, version, "2.34", sbom, package],
            [("SOURCE_DATE_EPOCH", Time), .. environment]);
        Assert.True(exit == 0, output);
        return package;
    }
}
