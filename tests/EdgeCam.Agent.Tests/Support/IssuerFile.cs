using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Tests.Support;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A folder with an issuer's keys and a list of revocations, as an operator changes them while the device runs.</summary>
internal sealed class IssuerFile : IDisposable
{
    public const string Name = "https://fleet.example.org";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-issuer-").FullName;
    private int _writes;

    public string Path => System.IO.Path.Combine(_folder, "fleet.jwks");

    public string RevokedPath => System.IO.Path.Combine(_folder, "revoked-by-operator.json");

    public string StateFolder => _folder;

    public static string Pem(DeviceKey key) => key.Use(static key => key.ExportSubjectPublicKeyInfoPem());

    public static string Set(params IEnumerable<(string? Kid, DeviceKey Key)> keys)
    {
        var list = new JsonArray();
        foreach (var (kid, key) in keys)
        {
            var jwk = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = key.Jwk.X, ["y"] = key.Jwk.Y, ["alg"] = "ES256", ["use"] = "sig" };
            if (kid is not null)
                jwk["kid"] = kid;
            list.Add(jwk);
        }

        return new JsonObject { ["keys"] = list }.ToJsonString();
    }

    public void Write(string text) => Write(Path, text);

    public void WriteRevoked(string text) => Write(RevokedPath, text);

    /// <summary>A device that trusts itself and, as far as there is a file, the issuer.</summary>
    public TrustStore Trust(DeviceKey signing, TimeProvider time, string[]? scopes = null, string[]? groups = null, int skew = 30, Microsoft.Extensions.Logging.ILogger? log = null) => new(
        "dev", signing, time, new SecurityOptions(Issuers: [new(Name, Path, Scopes: scopes)], ClockSkewSeconds: skew), groups,
        new(time, File.Exists(RevokedPath) ? RevokedPath : null, StateFolder, log), log);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(++_writes)); // two writes within one tick of the disk's clock differ all the same
    }
}
