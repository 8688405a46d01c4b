using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Fleet;

/// <summary>How one command reaches its broker, and as whom.</summary>
/// <param name="Client">The operator's name in topics (<c>rpc/{client}/request</c>): his user name, as mosquitto's <c>%u</c> has it, unless another is named.</param>
/// <param name="ClientId">In CONNECT. At random where the broker goes by user names, so that two commands at once do not end each other's connection.</param>
/// <param name="Token">Null: devices are asked without one.</param>
/// <param name="Patience">For the answer to one request.</param>
/// <param name="Wait">For retained messages at the most; null: the command's own.</param>
internal sealed partial record FleetSettings(
    BrokerAddress Broker, string Prefix, string Client, string ClientId, string? User, ReadOnlyMemory<byte> Password, BrokerTls Tls, OperatorToken? Token, TimeSpan Patience, TimeSpan? Wait) : IDisposable
{
    private const string UsualPrefix = "edgecam/v1";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <exception cref="FleetException">Something is missing, or not what it should be.</exception>
    public static FleetSettings Of(FleetArguments arguments, TimeProvider time)
    {
        var profile = FleetProfile.Of(arguments);
        if (profile.Broker is null)
            throw FleetException.Usage("no broker is named: give --broker mqtts://broker.example, or a profile with it");
        if (!BrokerAddress.TryParse(profile.Broker, out var broker))
            throw FleetException.Usage("--broker takes mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path, without user and password");
        if ((profile.CertificateFile is null) != (profile.KeyFile is null))
            throw FleetException.Usage("--cert and --key go together");
        if (profile.KeyFile is not null)
            _ = OwnFile.Read(profile.KeyFile, "--key"); // used by TLS; here it is only seen to be the operator's alone
        if (profile.CaFile is not null && !File.Exists(profile.CaFile))
            throw FleetException.File($"--ca: {profile.CaFile} is not there.");
        var prefix = profile.Prefix ?? UsualPrefix;
        if (!PrefixPattern().IsMatch(prefix))
            throw FleetException.Usage("--prefix takes 1 to 3 levels of A-Z, a-z, 0-9, '_' and '-', separated by '/'");
        var client = profile.Client ?? profile.User;
        var clientId = profile.Client ?? $"fleet-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        if (!MqttTopics.IsClient(client ?? clientId))
            throw FleetException.Usage("the user name stands in topics: it has 1 to 128 characters, and none of / + #; --client gives another");
        var password = profile.PasswordFile is null ? default : Encoding.UTF8.GetBytes(OwnFile.Read(profile.PasswordFile, "--password-file").TrimEnd('\r', '\n'));
        return new(
            broker!, prefix, client ?? clientId, clientId, profile.User, password, new(profile.CaFile, profile.CertificateFile, profile.KeyFile, profile.Alpn),
            profile.TokenFile is null ? null : OperatorToken.Read(profile.TokenFile, time), arguments.Duration("--timeout", s_patience),
            arguments.Text("--wait") is null ? null : arguments.Duration("--wait", s_patience));
    }

    public string Topic(string device, string below) => $"{Prefix}/{device}/{below}";

    /// <summary>The device that a topic is of; null where it is none of ours.</summary>
    public string? DeviceOf(string topic) =>
        topic.StartsWith(Prefix, StringComparison.Ordinal) && topic.Length > Prefix.Length && topic[Prefix.Length] == '/' ? topic[(Prefix.Length + 1)..].Split('/')[0] : null;

    public override string ToString() => $"{Client} at {Broker.Host}:{Broker.Port}"; // no password reaches a text by accident

    public void Dispose() => Token?.Dispose();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+){0,2}\z")]
    private static partial Regex PrefixPattern();
}
