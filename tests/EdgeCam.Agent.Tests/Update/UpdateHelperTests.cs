using System.Formats.Tar;
using System.Text;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Management.Update.Install;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Update;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Root's part: what it installs, and all that it refuses, by name.</summary>
public sealed class UpdateHelperTests : IDisposable
{
    private readonly UpdateSystem _system = new();
    private int _refused;

    public void Dispose() => _system.Dispose();

    [Fact]
    public void An_update_runs_on_trial_and_is_confirmed_when_it_is_healthy()
    {
        _system.Stage("1.1.0", cameras: ["cam0"], manifest: null);
        _system.Apply();

        Assert.Equal("edgecam 1.1.0", _system.Running);
        Assert.Equal(UpdateStates.Trial, _system.Result!.State);
        Assert.Equal((0, "package", true, "cam0"), (_system.Trial!.Starts, _system.Trial.Previous, _system.Trial.Broker, Assert.Single(_system.Trial.Cameras)));
        Assert.Equal(["restart edgecam-update-deadline.timer", "try-restart edgecam.service"], _system.Managed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_system.Paths.Ready));
        Assert.False(Directory.Exists(_system.Paths.Incoming));
        Assert.True(File.Exists(Path.Combine(_system.Paths.Programs, "1.1.0/systemd/edgecam.service")));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(_system.Paths.Programs, "1.1.0/edgecam")));

        _system.Trials().CountStart();
        _system.SayHealthy();
        _system.Apply();

        Assert.Equal("edgecam 1.1.0", _system.Running);
        Assert.Equal(UpdateStates.Confirmed, _system.Result!.State);
        Assert.Null(_system.Trial);
        Assert.Equal("stop edgecam-update-deadline.timer", _system.Managed[^1]);
    }

    [Fact]
    public void The_version_before_is_kept_and_older_ones_go()
    {
        foreach (var version in new[] { "1.1.0", "1.2.0", "1.3.0" })
        {
            var id = version.Replace('.', '-');
            _system.Stage(version, id);
            _system.Apply();
            _system.SayHealthy(id);
            _system.Apply();
        }

        Assert.Equal(["1.2.0", "1.3.0"], Directory.GetDirectories(_system.Paths.Programs).Select(static folder => Path.GetFileName(folder)).Where(static name => name != "current").Order(StringComparer.Ordinal));
        Assert.Equal("1.2.0", _system.Installed!.Previous);
        Assert.Equal("edgecam 1.3.0", _system.Running);
    }

    [Theory]
    [InlineData(UpdateReasons.OlderVersion, "0.9.0", 0, "0.1.0", UpdateSystem.Class)]
    [InlineData(UpdateReasons.SameVersion, "1.0.0", 0, "0.1.0", UpdateSystem.Class)]
    [InlineData(UpdateReasons.OlderRollbackIndex, "1.1.0", 4, "0.1.0", UpdateSystem.Class)]
    [InlineData(UpdateReasons.BelowMinimumVersion, "1.1.0", 5, "1.0.1", UpdateSystem.Class)]
    [InlineData(UpdateReasons.WrongDeviceClass, "1.1.0", 5, "0.1.0", "linux-x64")]
    public void What_is_not_for_this_device_is_refused(string reason, string version, int index, string minimum, string deviceClass)
    {
        UpdateFile.Write(_system.Paths.Installed, new InstalledUpdate(5), UpdateJson.Default.InstalledUpdate, isOpen: true);
        var archive = UpdateSystem.Archive(version);

        Refused(reason, archive, _system.Manifest(version, archive, payload => (payload["rollbackIndex"], payload["minimumVersion"], payload["deviceClass"]) = (index, minimum, deviceClass)));
    }

    [Fact]
    public void A_wrong_signature_or_an_unknown_key_is_refused()
    {
        var archive = UpdateSystem.Archive("1.1.0");
        var good = _system.Manifest("1.1.0", archive);
        Refused(UpdateReasons.WrongSignature, archive, good[..^8] + "AAAAAAAA");
        Refused(UpdateReasons.BadManifest, archive, "no manifest");
        Refused(UpdateReasons.BadManifest, archive, new string('a', 9000));

        File.Delete(Path.Combine(_system.Paths.Keys, "one.pem"));
        Refused(UpdateReasons.NoKeys, archive, good);
    }

    [Fact]
    public void A_truncated_or_longer_archive_is_refused_and_so_is_each_flipped_bit()
    {
        var archive = UpdateSystem.Archive("1.1.0");
        var manifest = _system.Manifest("1.1.0", archive);
        Refused(UpdateReasons.WrongSize, archive[..^1], manifest);
        Refused(UpdateReasons.WrongSize, [], manifest);
        Refused(UpdateReasons.WrongSize, [.. archive, 0], manifest);
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            var flipped = (byte[])archive.Clone();
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            Refused(UpdateReasons.WrongHash, flipped, manifest);
        }
    }

    public static TheoryData<string> Attacks => ["../outside", "top/../../outside", "/outside", "top//x", "top/./x", "other/x", "top", "top/edgecam", "top/\nx", "link", "hardlink", "device", "pipe", "deep", "long", "many"];

    [Theory, MemberData(nameof(Attacks))]
    public void An_archive_cannot_write_but_where_it_is_unpacked(string attack)
    {
        var archive = UpdateSystem.Archive("1.1.0", tar =>
        {
            switch (attack)
            {
                case "link":
                    tar.WriteEntry(new GnuTarEntry(TarEntryType.SymbolicLink, "top/a") { LinkName = "/etc" });
                    break;
                case "hardlink":
                    tar.WriteEntry(new GnuTarEntry(TarEntryType.HardLink, "top/a") { LinkName = "/etc/shadow" });
                    break;
                case "device":
                    tar.WriteEntry(new GnuTarEntry(TarEntryType.CharacterDevice, "top/a") { DeviceMajor = 1, DeviceMinor = 3 });
                    break;
                case "pipe":
                    tar.WriteEntry(new GnuTarEntry(TarEntryType.Fifo, "top/a"));
                    break;
                case "deep":
                    tar.WriteEntry(UpdateSystem.Entry("top/" + string.Join('/', Enumerable.Repeat("d", 20)), "x"));
                    break;
                case "long":
                    tar.WriteEntry(UpdateSystem.Entry("top/" + new string('n', 300), "x"));
                    break;
                case "many":
                    for (var i = 0; i < UpdateArchive.MaxEntries; i++)
                        tar.WriteEntry(UpdateSystem.Entry($"top/{i}", ""));
                    break;
                default:
                    tar.WriteEntry(UpdateSystem.Entry(attack, "x"));
                    break;
            }
        });

        Refused(UpdateReasons.BadArchive, archive, _system.Manifest("1.1.0", archive));

        Assert.False(Path.Exists(Path.Combine(_system.Paths.Programs, "outside")) || Path.Exists(Path.Combine(_system.Root, "outside")) || Path.Exists("/outside"));
    }

    [Fact]
    public void What_is_no_archive_or_holds_no_program_is_refused()
    {
        foreach (var archive in new[] { Encoding.ASCII.GetBytes("no archive"), UpdateSystem.Archive("1.1.0")[..40] })
            Refused(UpdateReasons.BadArchive, archive, _system.Manifest("1.1.0", archive));
        using var file = new MemoryStream();
        using (var zipped = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zipped))
            tar.WriteEntry(UpdateSystem.Entry("top/README", "x"));
        Refused(UpdateReasons.BadArchive, file.ToArray(), _system.Manifest("1.1.0", file.ToArray()));
    }

    [Fact]
    public void A_program_that_says_another_version_or_nothing_is_refused()
    {
        var archive = UpdateSystem.Archive("1.2.0");
        Refused(UpdateReasons.SelfTestFailed, archive, _system.Manifest("1.1.0", archive));

        // Really run, by the helper's own means.
        _system.Actions = UpdateActions.OfFolder(null);
        foreach (var program in new[] { "#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -SEGV $$\n", "not a program" })
        {
            var broken = Repack(program);
            Refused(UpdateReasons.SelfTestFailed, broken, _system.Manifest("1.1.0", broken));
        }

        _system.Stage("1.1.0");
        _system.Apply();
        Assert.Equal("edgecam 1.1.0", _system.Running);
    }

    /// <summary>The agent's user may put anything where the helper looks.</summary>
    [Fact]
    public void A_link_a_pipe_or_a_folder_in_place_of_a_file_is_nothing()
    {
        Tool.Need("mkfifo", "coreutils");
        var secret = Path.Combine(_system.Root, "secret");
        File.WriteAllText(secret, "{}");
        _system.Stage();
        File.Move(_system.Paths.Archive, secret + ".tar.gz");
        File.CreateSymbolicLink(_system.Paths.Archive, secret + ".tar.gz");
        _system.Helper().Run();
        Assert.Equal(UpdateReasons.WrongSize, _system.Result!.Reason);
        Assert.True(File.Exists(secret + ".tar.gz"));

        _system.Stage(id: "request-2", manifest: "x");
        File.Delete(Path.Combine(_system.Paths.Ready, UpdatePaths.ManifestName));
        Tool.Read("mkfifo", Path.Combine(_system.Paths.Ready, UpdatePaths.ManifestName)); // whoever opens it waits for a writer
        _system.Helper().Run();
        Assert.Equal(UpdateReasons.BadManifest, _system.Result!.Reason);

        File.Delete(_system.Paths.Result);
        File.CreateSymbolicLink(_system.Paths.Request, secret);
        _system.Apply();
        Assert.Null(_system.Result);
        Assert.True(File.Exists(secret));

        Directory.Delete(_system.Paths.Ready, recursive: true);
        Directory.CreateDirectory(Path.Combine(_system.Root, "elsewhere"));
        File.WriteAllText(Path.Combine(_system.Root, "elsewhere", UpdatePaths.RequestName), "{}");
        File.CreateSymbolicLink(_system.Paths.Ready, Path.Combine(_system.Root, "elsewhere"));
        _system.Helper().Run();
        Assert.True(File.Exists(Path.Combine(_system.Root, "elsewhere", UpdatePaths.RequestName)));
        Assert.Equal("edgecam 1.0.0", _system.Running);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"../../x","broker":true}""")]
    [InlineData("""{"id":"a","cameras":[null]}""")]
    public void A_request_that_is_none_is_taken_away(string json)
    {
        _system.Stage();
        File.WriteAllText(_system.Paths.Request, json);

        _system.Apply();

        Assert.Equal("edgecam 1.0.0", _system.Running);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_system.Paths.Ready));
    }

    /// <summary>It would go round for ever.</summary>
    [Fact]
    public void A_request_that_has_come_to_its_end_does_not_begin_anew()
    {
        _system.Stage();
        _system.Apply();
        Assert.True(_system.Trials().GiveUp());
        var end = _system.Result;
        _system.Stage(); // as if it had never been taken away

        _system.Apply();

        Assert.Equal(end, _system.Result);
        Assert.Equal("edgecam 1.0.0", _system.Running);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_system.Paths.Ready));
    }

    [Fact]
    public void An_archive_that_ends_the_helper_each_time_is_given_up()
    {
        _system.Stage();
        _system.Actions = _system.Actions with { AskVersion = static _ => throw new CrashException() };
        for (var i = 0; i < 3; i++)
            Assert.Throws<CrashException>(_system.Helper().Run);

        _system.Apply();

        Assert.Equal(UpdateReasons.HelperFailed, _system.Result!.Reason);
        Assert.Equal("edgecam 1.0.0", _system.Running);
    }

    [Fact]
    public void While_one_is_on_trial_another_waits()
    {
        _system.Stage();
        _system.Apply();
        _system.Stage("1.2.0", "request-2");
        _system.Apply();

        Assert.Equal(("request-2", UpdateReasons.Busy), (_system.Result!.Id, _system.Result.Reason));
        Assert.Equal("edgecam 1.1.0", _system.Running);
        Assert.NotNull(_system.Trial);
    }

    /// <summary>On a file system of its own, which takes root.</summary>
    [Fact]
    public void A_full_disk_leaves_all_as_it_was()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a file system of its own takes root");
        var root = Directory.CreateTempSubdirectory("edgecam-full-").FullName;
        Tool.Read("mount", "-t", "tmpfs", "-o", "size=3m", "none", root);
        try
        {
            using var system = new UpdateSystem(root + "/system");
            var random = new byte[700_000];
            new Random(3).NextBytes(random);
            // Three times the archive, and less; and as much as an archive needs that unpacks to a hundred times its size.
            foreach (var (content, left) in new[] { (random, 2_000_000), (random, 1_000_000), (random, 20_000), (new byte[5_000_000], 1_000_000), (new byte[5_000_000], 100_000) })
            {
                var archive = UpdateSystem.Archive("1.1.0", tar => tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "top/large") { DataStream = new MemoryStream(content) }));
                system.Stage("1.1.0", $"left-{left}", archive);
                var free = new DriveInfo(root).AvailableFreeSpace;
                using (var ballast = File.Create(root + "/ballast"))
                    ballast.Write(new byte[Math.Max(0, free - left)]);
                system.Apply();
                Assert.Equal(($"left-{left}", UpdateReasons.NoSpace), (system.Result!.Id, system.Result.Reason));
                Assert.Equal("edgecam 1.0.0", system.Running);
                Assert.Equal(["current"], Directory.GetFileSystemEntries(system.Paths.Programs).Select(static path => Path.GetFileName(path)));
                File.Delete(root + "/ballast");
            }
        }
        finally
        {
            Tool.Read("umount", root);
            Directory.Delete(root, recursive: true);
        }
    }

    private static byte[] Repack(string program)
    {
        using var file = new MemoryStream();
        using (var zipped = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zipped))
            tar.WriteEntry(UpdateSystem.Entry("top/edgecam", program, (UnixFileMode)0b111_101_101));
        return file.ToArray();
    }

    private void Refused(string reason, byte[] archive, string manifest)
    {
        _system.Stage("1.1.0", $"refused-{_refused++}", archive, manifest);
        _system.Apply();
        Assert.Equal((UpdateStates.Refused, reason), (_system.Result!.State, _system.Result.Reason));
        Assert.NotEmpty(_system.Result.Detail!);
        Assert.NotEmpty(_system.Result.Remedy!);
        Assert.Equal("edgecam 1.0.0", _system.Running);
        Assert.Null(_system.Trial);
        Assert.Equal(["current"], Directory.GetFileSystemEntries(_system.Paths.Programs).Select(static path => Path.GetFileName(path)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_system.Paths.Ready));
        Assert.False(Directory.Exists(_system.Paths.Incoming));
        Assert.DoesNotContain(_system.Managed, static asked => asked.Contains("edgecam.service", StringComparison.Ordinal));
    }
}
