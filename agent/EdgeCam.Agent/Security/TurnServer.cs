using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>
/// A TURN server and what proves to it that we may use it: a password that stands for good, or a secret shared with it, from which
/// credentials for a limited time are minted for the device and for each viewer. The secret itself never leaves the device.
/// </summary>
internal sealed class TurnServer
{
    private readonly string _username;
    private readonly string _password;
    private readonly byte[]? _secret;

    private TurnServer(TurnAddress address, string username, string password, byte[]? secret, bool isForViewers) =>
        (Address, _username, _password, _secret, IsForViewers) = (address, username, password, secret, isForViewers);

    public TurnAddress Address { get; }

    /// <summary>Whether its credentials end by themselves.</summary>
    public bool HasTimeLimitedCredentials => _secret is not null;

    /// <summary>Whether viewers get credentials for it: those that end by themselves always, a standing password where the configuration says so.</summary>
    public bool IsForViewers { get; }

    public static TurnServer WithPassword(TurnAddress address, string username, string password, bool isForViewers) =>
        new(address, username, password, null, isForViewers);

    public static TurnServer WithSecret(TurnAddress address, byte[] secret) => new(address, "", "", secret, isForViewers: true);

    /// <summary>
    /// Credentials that are good until <paramref name="now"/> and <paramref name="lifetime"/>: the user name begins with that time, the
    /// password is HMAC-SHA1 of the user name under the shared secret, in base64 (TURN REST, as coturn's <c>use-auth-secret</c> checks it).
    /// </summary>
    /// <param name="name">Whom the server's log shall name; no colon.</param>
    public TurnCredential Mint(string name, DateTimeOffset now, TimeSpan lifetime)
    {
        if (_secret is null)
            return new(_username, _password, null);
        var expiry = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var username = string.Create(CultureInfo.InvariantCulture, $"{expiry.ToUnixTimeSeconds()}:{name}");
        var password = Convert.ToBase64String(HMACSHA1.HashData(_secret, Encoding.UTF8.GetBytes(username)));
        return new(username, password, expiry);
    }

    public override string ToString() => Address.ToString();
}
