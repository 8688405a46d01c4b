using System.Security.Cryptography;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// The public keys that updates may be signed with: <c>*.pem</c> in a folder of root's. Several, so that a new one is there before the old one
/// goes. A file that is no such key, or that others could write, counts for nothing and is named.
/// </summary>
internal sealed class UpdateKeys : IDisposable
{
    /// <summary>Further ones are not read.</summary>
    public const int MaxFiles = 16;

    private const int MaxFile = 4 * 1024; // bytes
    private const string Remedy = "Lay a public key there as root: node deploy/update/manifest.mjs keygen makes one.";

    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly string _folder;

    private UpdateKeys(string folder) => _folder = folder;

    /// <summary>What the keys are known by, a manifest's <c>kid</c>: their JWK thumbprints (RFC 7638).</summary>
    public IReadOnlyList<string> Thumbprints => [.. _keys.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What lies there and is of no use, for people.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Never throws: what cannot be read is a problem.</summary>
    public static UpdateKeys Load(string folder)
    {
        var keys = new UpdateKeys(folder);
        try
        {
            if (!Directory.Exists(folder))
                return keys;
            if (StateFile.IsOfOthers(folder) || StateFile.IsWritableByOthers(folder))
                keys._problems.Add($"{folder} could be written by others than root: chown root {folder} && chmod 755 {folder}");
            else
                keys.Read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            keys._problems.Add($"{folder}: {failure.Message}");
        }

        return keys;
    }

    public ECDsa? Find(string thumbprint) => _keys.GetValueOrDefault(thumbprint);

    /// <summary>Null where there is a key.</summary>
    public UpdateRefusal? Missing() => _keys.Count > 0
        ? null
        : new(UpdateReasons.NoKeys, $"this device has no key to check an update with: {(_problems.Count > 0 ? string.Join("; ", _problems) : $"{_folder} is empty")}", Remedy);

    public void Dispose()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    private void Read()
    {
        foreach (var path in Directory.EnumerateFiles(_folder, "*.pem").Order(StringComparer.Ordinal).Take(MaxFiles))
        {
            if (Problem(path) is { } problem)
                _problems.Add($"{Path.GetFileName(path)} {problem}");
        }
    }

    private string? Problem(string path)
    {
        if (StateFile.IsOfOthers(path) || StateFile.IsWritableByOthers(path))
            return "could be written by others than root";
        if (new FileInfo(path).Length > MaxFile)
            return "is too large for a key";
        var pem = File.ReadAllText(path);
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return "is a private key, which belongs on no device: take it away, and make another, since it was here";
        var key = PemKey.TryRead(pem, isPrivate: false);
        if (key is not null && _keys.TryAdd(PublicJwk.Of(key).Thumbprint(), key))
            return null;
        key?.Dispose();
        return "is no public key on the curve P-256, or one that is there twice";
    }
}
