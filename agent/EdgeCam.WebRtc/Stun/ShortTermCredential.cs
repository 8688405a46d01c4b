using System.Text;

namespace EdgeCam.WebRtc.Stun;

/// <summary>USERNAME and the key of MESSAGE-INTEGRITY as the bytes that the wire has (RFC 8489 §9.1).</summary>
internal sealed class ShortTermCredential(string username, string password)
{
    private readonly byte[] _username = Encoding.UTF8.GetBytes(username);
    private readonly byte[] _key = Encoding.UTF8.GetBytes(password);

    public ReadOnlySpan<byte> Username => _username;

    public ReadOnlySpan<byte> Key => _key;

    public override string ToString() => Encoding.UTF8.GetString(_username); // the key stays out of logs
}
