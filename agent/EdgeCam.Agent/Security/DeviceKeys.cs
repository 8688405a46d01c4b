using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>
/// The two keys of a device, made at its first start: with the one it proves to viewers who it is, with the other it signs the tokens that it
/// mints. They lie in its state folder as PEM (PKCS #8), readable by its own user only.
/// </summary>
internal sealed class DeviceKeys : IDisposable
{
    public const string IdentityFile = "identity.pem";
    public const string SigningFile = "signing.pem";

    private const int MaxFile = 16 * 1024;

    private DeviceKeys(DeviceKey identity, DeviceKey signing, bool isLasting) => (Identity, Signing, IsLasting) = (identity, signing, isLasting);

    /// <summary>Signs answers.</summary>
    public DeviceKey Identity { get; }

    /// <summary>Signs tokens.</summary>
    public DeviceKey Signing { get; }

    /// <summary>False: they go with this run.</summary>
    public bool IsLasting { get; }

    /// <summary>Keys for this run, which nobody has to remember.</summary>
    public static DeviceKeys CreateForThisRun() => new(DeviceKey.Create(), DeviceKey.Create(), isLasting: false);

    /// <summary>Reads them, and makes those that are missing.</summary>
    /// <exception cref="DeviceKeysException">The folder cannot be used, or others may read the keys.</exception>
    public static DeviceKeys Load(string folder)
    {
        CheckFolder(folder);
        var identity = LoadKey(Path.Combine(folder, IdentityFile));
        try
        {
            return new(identity, LoadKey(Path.Combine(folder, SigningFile)), isLasting: true);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    /// <summary>The same, but keys for this run where the folder cannot be written: access is open, and nothing hangs on them.</summary>
    /// <param name="problem">Why they are for this run only; null where they are not.</param>
    public static DeviceKeys LoadOrCreateForThisRun(string folder, out string? problem)
    {
        problem = null;
        try
        {
            return Load(folder);
        }
        catch (DeviceKeysException failure) when (failure.InnerException is UnauthorizedAccessException or IOException)
        {
            problem = failure.Problem;
            return CreateForThisRun();
        }
    }

    /// <summary>A private key as it lies in the folder.</summary>
    public static byte[] ToFile(ECDsa key) => Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");

    public void Dispose()
    {
        Identity.Dispose();
        Signing.Dispose();
    }

    private static void CheckFolder(string folder)
    {
        try
        {
            StateFile.CreateFolder(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DeviceKeysException($"{folder} cannot be made", $"Make the folder, owned by the user who runs edgecam and with mode 0700, or name another one.", failure);
        }

        if (StateFile.IsOfOthers(folder))
            throw new DeviceKeysException($"{folder} belongs to another user, who could put keys of his own there", "Run edgecam as the user who owns it, or give it to the one who runs edgecam: chown.");
        if (StateFile.IsWritableByOthers(folder))
            throw new DeviceKeysException($"{folder} may be written by others than its owner, who could put keys of their own there", $"Run: chmod 700 {folder}");
    }

    private static DeviceKey LoadKey(string path)
    {
        if (!File.Exists(path) && TryCreate(path) is { } made)
            return made;

        string pem;
        try
        {
            if (StateFile.IsOfOthers(path))
                throw new DeviceKeysException($"{path} is a private key of another user", "Run edgecam as the user who owns it; or remove it, and edgecam makes a new one: links made before stop working then.");
            if (StateFile.IsOpenToOthers(path))
                throw new DeviceKeysException($"{path} is a private key, and others than its owner may read it", $"Run: chmod 600 {path} — and make new keys by removing it where somebody may have read it.");
            if (new FileInfo(path).Length > MaxFile)
                throw NoKey(path);
            pem = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DeviceKeysException($"{path} cannot be read", "It has to belong to the user who runs edgecam.", failure);
        }

        return DeviceKey.TryRead(pem) ?? throw NoKey(path);
    }

    /// <summary>Null where somebody else made it at the same moment.</summary>
    private static DeviceKey? TryCreate(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            StateFile.Write(path, ToFile(key), mayReplace: false);
            return new(key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            if (File.Exists(path))
                return null;
            throw new DeviceKeysException($"{path} cannot be written", "The folder has to belong to the user who runs edgecam, on a disk with room.", failure);
        }
    }

    private static DeviceKeysException NoKey(string path) =>
        new($"{path} is not a private key on the curve P-256", "Remove it, and edgecam makes a new one; links made before stop working then.");
}
