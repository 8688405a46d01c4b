using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Management.Update.Install;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Update;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A device's system in a folder: package 1.0.0 is installed, and one key is known. No program in it is run; what it says is read from it.</summary>
internal sealed class UpdateSystem : IDisposable
{
    public const string Packaged = "1.0.0";
    public const string Class = "linux-arm64";

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    public UpdateSystem(string? root = null)
    {
        Root = root ?? Directory.CreateTempSubdirectory("edgecam-update-").FullName;
        Paths = new(Root);
        foreach (var folder in new[] { Paths.Package, Paths.Programs, Paths.Helper, Paths.Keys, Paths.AgentState })
            Directory.CreateDirectory(folder);
        WriteProgram(Path.Combine(Paths.Package, "edgecam"), Packaged);
        File.CreateSymbolicLink(Paths.Current, UpdatePaths.PackageTarget);
        File.WriteAllText(Path.Combine(Paths.Keys, "one.pem"), Key.ExportSubjectPublicKeyInfoPem());
        Actions = new(AskVersion, (verb, unit) => Managed.Add($"{verb} {unit}"), static () => "Result=exit-code ExecMainStatus=134", name => Steps.Add(name));
    }

    public string Root { get; }

    public UpdatePaths Paths { get; }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public UpdateActions Actions { get; set; }

    /// <summary>What the service manager was asked for.</summary>
    public List<string> Managed { get; } = [];

    public List<string> Steps { get; } = [];

    public StringWriter Log { get; } = new();

    public ProgramLink Link => new(Paths, UpdateVersion.TryParse(Packaged)!);

    public UpdateResult? Result => UpdateFile.Read(Paths.Result, UpdateJson.Default.UpdateResult);

    public UpdateTrial? Trial => UpdateFile.Read(Paths.Trial, UpdateJson.Default.UpdateTrial);

    public InstalledUpdate? Installed => UpdateFile.Read(Paths.Installed, UpdateJson.Default.InstalledUpdate);

    /// <summary>What the link leads to says of itself; fails where it leads nowhere.</summary>
    public string Running => AskVersion(Path.Combine(Link.Folder(Link.Place!), "edgecam")).Text;

    public static byte[] Archive(string version, Action<TarWriter>? more = null)
    {
        using var file = new MemoryStream();
        using (var zipped = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zipped, TarEntryFormat.Gnu))
        {
            tar.WriteEntry(new GnuTarEntry(TarEntryType.Directory, "top/"));
            tar.WriteEntry(Entry("top/edgecam", Program(version), Executable));
            tar.WriteEntry(Entry("top/systemd/edgecam.service", "[Unit]"));
            more?.Invoke(tar);
        }

        return file.ToArray();
    }

    public static GnuTarEntry Entry(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    public static string Program(string version) => $"#!/bin/sh\necho edgecam {version}\n";

    public string Manifest(string version, byte[] archive, Action<JsonObject>? change = null, ECDsa? key = null, Action<JsonObject>? header = null)
    {
        key ??= Key;
        var head = new JsonObject { ["alg"] = "ES256", ["typ"] = "edgecam-update", ["kid"] = PublicJwk.Of(key).Thumbprint() };
        var payload = new JsonObject
        {
            ["v"] = 1, ["product"] = "edgecam", ["version"] = version, ["deviceClass"] = Class, ["size"] = archive.Length,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(archive)), ["minimumVersion"] = "0.1.0", ["rollbackIndex"] = 0,
        };
        header?.Invoke(head);
        change?.Invoke(payload);
        var text = $"{TokenForge.Base64(head.ToJsonString())}.{TokenForge.Base64(payload.ToJsonString())}";
        return $"{text}.{TokenForge.Sign(key, text)}";
    }

    /// <summary>Lays an update ready, as the agent does.</summary>
    public void Stage(string version = "1.1.0", string id = "request-1", byte[]? archive = null, string? manifest = null, bool broker = true, params string[] cameras)
    {
        archive ??= Archive(version);
        Directory.CreateDirectory(Paths.Ready);
        File.WriteAllBytes(Paths.Archive, archive);
        File.WriteAllText(Path.Combine(Paths.Ready, UpdatePaths.ManifestName), manifest ?? Manifest(version, archive));
        UpdateFile.Write(Paths.Request, new UpdateRequest(id, broker, cameras), UpdateJson.Default.UpdateRequest, isOpen: false);
    }

    public UpdateHelper Helper() => new(Paths, UpdateVersion.TryParse(Packaged)!, Class, Actions, Log);

    public UpdateTrials Trials() => new(Paths, Link, Actions, Log);

    /// <summary>As the path unit does: as long as there is something that starts the helper.</summary>
    public void Apply()
    {
        for (var runs = 0; runs == 0 || File.Exists(Paths.Request) || File.Exists(Paths.Healthy); runs++)
        {
            Assert.True(runs < 5, "the helper is started for ever");
            Helper().Run();
        }
    }

    /// <summary>The new version finds itself healthy.</summary>
    public void SayHealthy(string id = "request-1")
    {
        Directory.CreateDirectory(Paths.Spool);
        UpdateFile.Write(Paths.Healthy, new UpdateSign(id), UpdateJson.Default.UpdateSign, isOpen: false);
    }

    /// <summary>The power goes at the step of that number, from 0 on.</summary>
    public void CrashAt(int step) => Actions = Actions with
    {
        Step = _ =>
        {
            if (step-- == 0)
                throw new CrashException();
        },
    };

    public void CrashNoMore() => Actions = Actions with { Step = null };

    public static void WriteProgram(string path, string version)
    {
        File.WriteAllText(path, Program(version));
        File.SetUnixFileMode(path, Executable);
    }

    public void Dispose()
    {
        Key.Dispose();
        Log.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static (bool HasSaid, string Text) AskVersion(string program) =>
        File.Exists(program) ? (true, File.ReadAllText(program).Split("echo ")[^1].Trim()) : (false, "there is no program");
}
