using System.Globalization;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said before anything starts of whom the device trusts: issuers and their keys, revocations, groups, and keys opened to be set from afar.</summary>
internal static class TrustRules
{
    private const int MaxGroups = 32;

    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        var (security, device) = (options.Security, DeviceIdentity.IdOf(options.Device, Environment.MachineName));
        if (security.Issuers.Length > TrustStore.MaxIssuers)
            mistakes.Add(new("security.issuers", $"has {security.Issuers.Length} issuers", $"Name at most {TrustStore.MaxIssuers}."));
        for (var i = 0; i < security.Issuers.Length; i++)
            CheckIssuer(security.Issuers, i, device, mistakes);
        CheckRevoked(security.RevokedFile, mistakes);
        CheckGroups(options.Device.Groups, mistakes);
        for (var i = 0; i < security.RemoteKeys.Length; i++)
        {
            if (!LocalKeys.Openable.Contains(security.RemoteKeys[i], StringComparer.Ordinal))
            {
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"security.remoteKeys[{i}]"), "is no key that could be opened to be set from afar",
                    $"These can: {string.Join(", ", LocalKeys.Openable)}. All others are set from afar anyway, or never."));
            }
        }
    }

    private static void CheckIssuer(IssuerOptions[] issuers, int index, string device, List<ConfigurationMistake> mistakes)
    {
        var (issuer, where) = (issuers[index], string.Create(CultureInfo.InvariantCulture, $"security.issuers[{index}]"));
        if (issuer.Name == device)
            mistakes.Add(new($"{where}.name", "is this device's own id", "Its own tokens are taken without that; give the issuer a name of its own, as its tokens' iss has it."));
        if (Array.FindIndex(issuers, other => other.Name == issuer.Name) < index)
            mistakes.Add(new($"{where}.name", "is the name of another issuer too", "Put all keys of one issuer into one file."));
        if ((issuer.KeysFile is null) == (issuer.Keys.Length == 0))
            mistakes.Add(new(where, issuer.KeysFile is null ? "has no keys" : "has keys beside keysFile", "Write keysFile, or the keys themselves in keys."));
        CheckKeysFile($"{where}.keysFile", issuer.KeysFile, mistakes);
        var count = 0;
        for (var i = 0; i < issuer.Keys.Length; i++)
        {
            count += IssuerKeys.Parse(issuer.Keys[i], out var problem).Count;
            if (problem is not null)
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"{where}.keys[{i}]"), problem, IssuerKeys.Remedy));
        }

        if (count > IssuerKeys.MaxKeys)
            mistakes.Add(new($"{where}.keys", $"has {count} keys", $"Name at most {IssuerKeys.MaxKeys}."));
        if (issuer.Scopes is null)
            return;
        if (issuer.Scopes.Length == 0)
            mistakes.Add(new($"{where}.scopes", "is empty: no token of that issuer would allow anything", "Name scopes, or leave it out for all of them."));
        for (var i = 0; i < issuer.Scopes.Length; i++)
        {
            if (!AccessScopes.TryParseWord(issuer.Scopes[i], out _))
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"{where}.scopes[{i}]"), "is no scope", $"Write {string.Join(", ", AccessScopes.Words(AccessScope.All))}."));
        }
    }

    private static void CheckKeysFile(string key, string? path, List<ConfigurationMistake> mistakes)
    {
        if (Read(key, path, IssuerKeys.MaxText, mistakes) is not { } text)
            return;
        _ = IssuerKeys.Parse(text, out var problem);
        if (problem is not null)
            mistakes.Add(new(key, $"{path} {problem}", IssuerKeys.Remedy));
    }

    private static void CheckRevoked(string? path, List<ConfigurationMistake> mistakes)
    {
        const string Key = "security.revokedFile";
        if (Read(Key, path, Revocations.MaxFile, mistakes) is not { } text)
            return;
        if (RevocationList.TryParse(text, out var problem) is null)
            mistakes.Add(new(Key, $"{path} {problem}", "Write { \"tokens\": [\"jti\"], \"holders\": [\"thumbprint\"], \"keys\": [\"kid\"], \"before\": { \"issuer\": 1790000000 } }; {} revokes nothing."));
    }

    private static string? Read(string key, string? path, int maxSize, List<ConfigurationMistake> mistakes)
    {
        var known = mistakes.Count;
        AgentOptionsValidator.CheckReadable(key, path, mistakes);
        if (path is null || mistakes.Count > known)
            return null;
        var text = WatchedFile.Read(path, maxSize, out var problem);
        if (text is null)
            mistakes.Add(new(key, $"{path} {problem}", "Whoever can write it decides whom the device trusts: let its owner alone, and keep it small."));
        return text;
    }

    private static void CheckGroups(string[] groups, List<ConfigurationMistake> mistakes)
    {
        if (groups.Length > MaxGroups)
            mistakes.Add(new("device.groups", $"has {groups.Length} groups", $"Name at most {MaxGroups}."));
        for (var i = 0; i < groups.Length; i++)
        {
            if (!AudienceName.IsValid(groups[i]))
            {
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"device.groups[{i}]"), "is not a group's name",
                    "It is like a device's id, 1 to 63 characters of a-z, 0-9 and '-', without group: in front."));
            }
        }
    }
}
