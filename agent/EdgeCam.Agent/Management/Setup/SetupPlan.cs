using System.Text;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.Setup;

/// <summary>All that a setup writes, in its order: the configuration last, so that it never names a file that is not there yet.</summary>
internal sealed class SetupPlan
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Private = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Listed = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const string SshUnit = "usr/lib/systemd/system/ssh.service";

    private readonly List<PlannedFile> _files = [];
    private readonly List<(string Path, UnixFileMode Mode, PlannedOwner Owner)> _folders = [];
    private readonly List<(string Path, string Target)> _links = [];

    public IReadOnlyList<PlannedFile> Files => _files;

    /// <summary>Folders that are not as every other one.</summary>
    public IReadOnlyList<(string Path, UnixFileMode Mode, PlannedOwner Owner)> Folders => _folders;

    public IReadOnlyList<(string Path, string Target)> Links => _links;

    public bool HasSsh => _links.Count > 0;

    public bool HasWifi => _files.Exists(static file => file.Path == WifiProfile.Path);

    /// <summary>Anybody may read it.</summary>
    public void Add(string path, string content) => _files.Add(new(path, Encoding.UTF8.GetBytes(content), Readable));

    /// <summary>The service may read it.</summary>
    public void AddForService(string path, string content) =>
        _files.Add(new(path, Encoding.UTF8.GetBytes(content), OwnerOnly | UnixFileMode.GroupRead, PlannedOwner.ServiceMayRead));

    /// <param name="country">Null: what the radio takes without.</param>
    public void AddWifi(string ssid, string? password, bool isHidden, string? country)
    {
        _files.Add(new(WifiProfile.Path, Encoding.UTF8.GetBytes(WifiProfile.Write(ssid, password, isHidden)), OwnerOnly));
        if (country is not null)
            Add(WifiProfile.CountryPath, WifiProfile.WriteCountry(country));
    }

    /// <param name="folder">The state folder, below the root.</param>
    public void AddKey(string folder, string name, byte[] pem)
    {
        if (!_folders.Exists(known => known.Path == folder))
            _folders.Add((folder, Private, PlannedOwner.Service));
        _files.Add(new(Path.Combine(folder, name), pem, OwnerOnly, PlannedOwner.Service));
    }

    /// <summary>Keys that updates may be signed with, in a folder of root's; each under its own name, so that those there are stay.</summary>
    /// <param name="keys">Public ones in PEM.</param>
    public void AddUpdateKeys(string folder, IEnumerable<string> keys)
    {
        foreach (var pem in keys)
        {
            if (!_folders.Exists(known => known.Path == folder))
                _folders.Add((folder, Listed, PlannedOwner.Root));
            using var key = PemKey.TryRead(pem, isPrivate: false)!;
            Add(Path.Combine(folder, $"setup-{PublicJwk.Of(key).Thumbprint()}.pem"), key.ExportSubjectPublicKeyInfoPem() + "\n");
        }
    }

    /// <summary>Root's keys, and sshd at each start; it asks for keys only.</summary>
    public void AddSsh(IEnumerable<string> authorizedKeys)
    {
        _folders.Add((Path.GetDirectoryName(AuthorizedKey.Path)!, Private, PlannedOwner.Root));
        _files.Add(new(AuthorizedKey.Path, Encoding.UTF8.GetBytes(string.Concat(authorizedKeys.Select(static key => key + "\n"))), OwnerOnly));
        Add("etc/ssh/sshd_config.d/10-edgecam.conf", "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n");
        _links.Add(("etc/systemd/system/multi-user.target.wants/ssh.service", "/" + SshUnit));
    }

    /// <summary>The system has an SSH server to switch on.</summary>
    public static bool CanSsh(string root) => File.Exists(Path.Combine(root, SshUnit)) || File.Exists(Path.Combine(root, "lib/systemd/system/ssh.service"));

    /// <summary>The system has somebody who reads the Wi-Fi's profile.</summary>
    public static bool CanWifi(string root) => File.Exists(Path.Combine(root, "usr/sbin/NetworkManager"));
}
