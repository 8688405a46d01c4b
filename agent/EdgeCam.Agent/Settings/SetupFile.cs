using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Management.Setup;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>From the setup file, and the configuration that is there, to the plan of all that is written; or to the whole list of what is wrong.</summary>
internal sealed class SetupFile
{
    public const string BasePath = "etc/edgecam/edgecam.json";

    private const string PasswordPath = "etc/edgecam/mqtt.password";
    private const string CaPath = "etc/edgecam/broker-ca.pem";
    private const string CertificatePath = "etc/edgecam/mqtt-certificate.pem";
    private const string KeyPath = "etc/edgecam/mqtt-key.pem";
    private const string IssuersFolder = "etc/edgecam/issuers";
    private const string UpdateKeysFolder = "etc/edgecam/update-keys";
    private const string Issuers = "security.issuers";
    private const string Heading = "// Written by edgecam setup. deploy/edgecam.json, or /usr/share/doc/edgecam/edgecam.json, has every key with a comment.\n";

    private static readonly JsonSerializerOptions s_written = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The setup's own keys, and what they are in the configuration.</summary>
    private static readonly string[] s_shared = ["device.id", "device.name", "mqtt.broker", "mqtt.username"];

    private readonly ConfigurationFile _file;
    private readonly string _root;
    private readonly List<ConfigurationMistake> _mistakes;
    private readonly Dictionary<string, string> _issuerKeys = new(StringComparer.Ordinal); // by the file that they are going to be in
    private JsonObject? _base;
    private AgentOptions? _result;

    private SetupFile(ConfigurationFile file, string root) => (_file, _root, _mistakes) = (file, root, [.. file.Mistakes]);

    private JsonArray? Listed => (_file.Content?["security"] as JsonObject)?["issuers"] as JsonArray;

    /// <param name="json">What the setup file says.</param>
    /// <param name="root">Of the system that is set up.</param>
    public static (SetupPlan? Plan, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string json, string root)
    {
        var setup = new SetupFile(ConfigurationFile.Parse(json, SetupKeys.Table), root);
        SetupRules.Check(setup._file, root, setup._mistakes);
        var configuration = setup.Merge();
        if (configuration is not null)
            setup.CheckResult(configuration);
        return setup._mistakes.Count == 0 ? (setup.Plan(configuration!), []) : (null, setup._mistakes);
    }

    /// <summary>The configuration that comes out of it; null where mistakes leave none to look at.</summary>
    private JsonObject? Merge()
    {
        ReadBase();
        if (_base is null || _file.Content is null || _mistakes.Exists(static mistake => mistake.Key == "config" || mistake.Key.StartsWith("config.", StringComparison.Ordinal)))
            return null;

        var further = _file.Content["config"] as JsonObject ?? [];
        var own = new JsonObject();
        foreach (var key in s_shared)
            Set(key, _file.Find(key));
        Set("mqtt.passwordFile", _file.Find("mqtt.password") is null ? null : "/" + PasswordPath);
        Set("mqtt.caFile", _file.Find("mqtt.ca") is null ? null : "/" + CaPath);
        Set("mqtt.certificateFile", _file.Find("mqtt.certificate") is null ? null : "/" + CertificatePath);
        Set("mqtt.keyFile", _file.Find("mqtt.key") is null ? null : "/" + KeyPath);
        Set(Issuers, ReadIssuers());
        return MergePatch.Apply(MergePatch.Apply(_base, further), own);

        void Set(string key, JsonNode? value)
        {
            if (value is null)
                return;
            var (section, name) = (key.Split('.')[0], key.Split('.')[1]);
            if (further[section] is JsonObject twice && twice.ContainsKey(name))
                _mistakes.Add(new($"config.{key}", "is said by this file's own section, too", $"Leave it out of config: {section} says it."));
            (own[section] ??= new JsonObject()).AsObject()[name] = value;
        }
    }

    /// <summary>The issuers as the configuration names them, each by the file that its keys are going to be in; null where the setup file has none.</summary>
    private JsonArray? ReadIssuers()
    {
        if (Listed is null)
            return null;
        var issuers = Listed.DeepClone().AsArray();
        foreach (var (index, issuer) in issuers.OfType<JsonObject>().Index())
        {
            issuer.Remove("keys");
            if (_file.Find(string.Create(CultureInfo.InvariantCulture, $"{Issuers}[{index}].keys")) is { } keys)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"{IssuersFolder}/{index}.{(keys.AsSpan().TrimStart() is ['{', ..] ? "json" : "pem")}");
                _issuerKeys[path] = keys;
                issuer["keysFile"] = "/" + path;
            }
        }

        return issuers;
    }

    private void ReadBase()
    {
        var path = Path.Combine(_root, BasePath);
        if (!File.Exists(path))
        {
            _base = [];
            return;
        }

        var file = ConfigurationFile.Load(path);
        _base = file.Content;
        if (_base is null)
            _mistakes.AddRange(file.Mistakes.Select(mistake => mistake with { File = path }));
    }

    /// <summary>The agent's own rules. What was wrong before, and still is, is the configuration's; the rest the setup file's.</summary>
    private void CheckResult(JsonObject configuration)
    {
        var path = Path.Combine(_root, BasePath);
        var before = AgentOptionsReader.Parse(ForCheck(_base!).ToJsonString()).Mistakes;
        (_result, var after) = AgentOptionsReader.Parse(ForCheck(configuration).ToJsonString());
        foreach (var mistake in after)
        {
            var named = Named(mistake.Key);
            if (before.Contains(mistake))
                _mistakes.Add(mistake with { File = path });
            else if (!_mistakes.Exists(known => known.Key == mistake.Key || known.Key.StartsWith($"{named}.", StringComparison.Ordinal)))
                _mistakes.Add(mistake with { Key = named });
        }

        if (_result is null || _result.Mqtt.Broker?.Split(':')[0] is "mqtts" or "wss")
            return;
        foreach (var key in (string[])["ca", "certificate"])
        {
            if (_file.Find($"mqtt.{key}") is not null)
                _mistakes.Add(new($"mqtt.{key}", "is there, but the broker is not reached by TLS", $"Write mqtts:// or wss:// in mqtt.broker, or leave {key} out."));
        }
    }

    /// <summary>Where in the setup file stands what the configuration has under that key.</summary>
    private string Named(string key)
    {
        if (s_shared.Contains(key) && _file.Find(key) is not null)
            return key;
        if (Listed is not null && key.StartsWith(Issuers, StringComparison.Ordinal))
            return key.Replace(".keys[0]", ".keys", StringComparison.Ordinal); // one text there, a list of them in the configuration
        return key.Length == 0 ? "config" : $"config.{key}";
    }

    /// <summary>Files are looked for below the root; those that the setup is about to write are not looked for.</summary>
    private JsonObject ForCheck(JsonObject configuration)
    {
        var copy = configuration.DeepClone().AsObject();
        Relocate(copy);
        return copy;
    }

    private void Relocate(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var element in list)
                Relocate(element);
        }

        if (node is not JsonObject section)
            return;
        foreach (var (name, value) in section.ToArray())
        {
            Relocate(value);
            if (!name.EndsWith("File", StringComparison.Ordinal) || value is not JsonValue text || !text.TryGetValue<string>(out var path) || !Path.IsPathRooted(path))
                continue;
            var below = path.TrimStart('/');
            if (_issuerKeys.TryGetValue(below, out var keys))
                (section[name], section["keys"]) = (null, new JsonArray(keys));
            else
                section[name] = below is PasswordPath or CaPath or CertificatePath or KeyPath ? null : Path.Combine(_root, below);
        }
    }

    private SetupPlan Plan(JsonObject configuration)
    {
        var plan = new SetupPlan();
        if (_file.Find("mqtt.password") is { } password)
            plan.AddForService(PasswordPath, password + "\n");
        if (_file.Find("mqtt.ca") is { } ca)
            plan.Add(CaPath, CertificatesAlone(ca));
        if (_file.Find("mqtt.certificate") is { } certificate && _file.Find("mqtt.key") is { } key)
        {
            plan.Add(CertificatePath, CertificatesAlone(certificate));
            plan.AddForService(KeyPath, key.Trim() + "\n");
        }

        foreach (var (path, keys) in _issuerKeys)
            plan.Add(path, keys.Trim() + "\n");
        plan.AddUpdateKeys(UpdateKeysFolder, SetupRules.Texts(_file, "update.keys"));
        var state = _result!.Device.StateFolder.TrimStart('/');
        AddKey(plan, state, "keys.identity", DeviceKeys.IdentityFile);
        AddKey(plan, state, "keys.signing", DeviceKeys.SigningFile);
        if (_file.Find("wifi.ssid") is { } ssid)
            plan.AddWifi(ssid, _file.Find("wifi.password"), _file.Find("wifi.hidden") == "true", _file.Find("wifi.country"));
        if (_file.Find("device.id") is { } id)
            AddHostName(plan, id);
        if (_file.Find("ssh.authorizedKeys[0]") is not null)
            plan.AddSsh(SetupRules.AuthorizedKeys(_file));
        plan.Add(BasePath, Heading + configuration.ToJsonString(s_written) + "\n");
        return plan;
    }

    /// <summary>Anybody may read what they are written to: a key that stood beside them does not come along.</summary>
    private static string CertificatesAlone(string pem) => string.Concat(SetupRules.Certificates(pem).Select(static certificate => certificate.ExportCertificatePem() + "\n"));

    private void AddKey(SetupPlan plan, string state, string key, string file)
    {
        if (_file.Find(key) is not { } pem)
            return;
        using var read = DeviceKey.TryRead(pem)!;
        plan.AddKey(state, file, read.Use(DeviceKeys.ToFile));
    }

    private void AddHostName(SetupPlan plan, string name)
    {
        var hosts = Path.Combine(_root, HostName.HostsPath);
        plan.Add(HostName.Path, name + "\n");
        plan.Add(HostName.HostsPath, HostName.WriteHosts(File.Exists(hosts) ? File.ReadAllText(hosts) : "", name));
    }
}
