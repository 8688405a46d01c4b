using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet key</c>: makes an issuer's key and keeps the set of public keys (RFC 7517 §5) that devices trust.</summary>
internal static class FleetKeyCommand
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int MaxId = 64;

    private static readonly JsonSerializerOptions s_indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static async Task<int> RunAsync(FleetArguments arguments, FleetConsole console, TimeProvider time)
    {
        var set = arguments.Needed("--jwks", "the key set that devices are to have (security.issuers, keysFile)");
        if (arguments.Words.Count > 0)
            throw FleetException.Usage($"{PlainText.Of(arguments.Words[0], 80)} is not understood here");
        if (arguments.Text("--retire") is { } retired)
        {
            Retire(set, retired);
            await WriteAsync(console, set, retired, $"{retired} is out of {set}. Once a device has that file, it takes no token of that key, and ends the sessions that were made with one.");
            return ExitCode.Success;
        }

        var file = arguments.Needed("--out", "where the private key is to lie");
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = PublicJwk.Of(pair);
        var kid = arguments.Text("--kid") ?? jwk.Thumbprint();
        if (kid.Length is 0 or > MaxId || !kid.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            throw FleetException.Usage($"--kid takes 1 to {MaxId} characters of A-Z, a-z, 0-9, '-', '_' and '.'");
        var keys = Read(set);
        if (keys.Count >= IssuerKeys.MaxKeys)
            throw FleetException.File($"--jwks: {set} has {keys.Count} keys, and a device takes {IssuerKeys.MaxKeys}. --retire takes old ones out.");
        if (keys.Any(other => IsNamed(other, kid)))
            throw FleetException.File($"--jwks: {set} has a key {kid} already. Name it otherwise: --kid.");
        OwnFile.Create(file, pair.ExportPkcs8PrivateKeyPem() + "\n", "--out");
        keys.Add((JsonNode)new JsonObject { ["kty"] = jwk.Kty, ["crv"] = jwk.Crv, ["x"] = jwk.X, ["y"] = jwk.Y, ["alg"] = "ES256", ["use"] = "sig", ["kid"] = kid });
        Write(set, keys);
        await WriteAsync(console, set, kid, $"The key {kid}: its private part is in {file}, which stays with you; its public part in {set}, for the devices that are to take its tokens.");
        return ExitCode.Success;
    }

    private static async Task WriteAsync(FleetConsole console, string set, string kid, string words)
    {
        if (console.IsJson)
            await console.WriteAsync(new JsonObject { ["kid"] = kid, ["jwks"] = set });
        else
            await console.WriteAsync(words);
    }

    private static void Retire(string set, string kid)
    {
        var keys = Read(set);
        if (keys.FirstOrDefault(key => IsNamed(key, kid)) is not { } found)
            throw FleetException.File($"--jwks: {set} has no key {PlainText.Of(kid, MaxId)}.");
        keys.Remove(found);
        if (keys.Count == 0)
            throw FleetException.File($"--jwks: {kid} is the only key in {set}, and devices take no empty set: add the next one first, or take the file from the devices.");
        Write(set, keys);
    }

    private static bool IsNamed(JsonNode? key, string kid) => key is JsonObject jwk && jwk["kid"] is JsonValue name && name.TryGetValue<string>(out var text) && text == kid;

    private static JsonArray Read(string set)
    {
        if (!File.Exists(set))
            return [];
        var text = JsonFiles.Read(set, "--jwks");
        _ = IssuerKeys.Parse(text, out var problem);
        if (problem is not null || text.AsSpan().TrimStart() is not ['{', ..])
            throw FleetException.File($"--jwks: {set} {problem ?? "is no JWK set but PEM"}. {IssuerKeys.Remedy}");
        return JsonNode.Parse(text)!["keys"]!.DeepClone().AsArray();
    }

    private static void Write(string set, JsonArray keys)
    {
        try
        {
            var text = new JsonObject { ["keys"] = keys }.ToJsonString(s_indented);
            DurableFile.Write(set, $"{set}.{Guid.NewGuid():N}", Encoding.UTF8.GetBytes(text + "\n"), ForAll);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FleetException.File($"--jwks: {set} cannot be written ({failure.Message}).");
        }
    }
}
