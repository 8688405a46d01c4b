using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.WebRtc.Stun;

/// <summary>User name and password as a server's realm and nonce make them into a key (RFC 8489 §9.2): MD5, which every server has.</summary>
/// <remarks>Left out: SHA-256 and the password algorithms of §9.2.1, user name anonymity, OpaqueString preparation (use ASCII passwords).</remarks>
internal sealed class LongTermCredential(string username, string password)
{
    private const int MaxLength = 763; // §14.9, §14.10: bytes of a realm and of a nonce

    private readonly byte[] _username = Encoding.UTF8.GetBytes(username);
    private byte[] _realm = [];
    private byte[] _nonce = [];
    private byte[] _key = [];

    /// <summary>True once the server has said its realm and nonce.</summary>
    public bool IsChallenged => _key.Length > 0;

    public ReadOnlySpan<byte> Key => _key;

    /// <summary>What the server said last; its bytes never change. Empty before.</summary>
    public ReadOnlyMemory<byte> Nonce => _nonce;

    /// <summary>Takes realm and nonce from a 401 or 438.</summary>
    /// <param name="refused">The nonce of the request that it answers; another answer may have brought a newer one since.</param>
    /// <returns>False where they are missing, or the same as refused: to ask again would bring the same answer.</returns>
    public bool TryChallenge(StunMessageView response, ReadOnlySpan<byte> refused)
    {
        if (!response.TryGet(StunAttributeType.Nonce, out var nonce) || nonce.Length is 0 or > MaxLength || nonce.SequenceEqual(refused))
            return false;
        if (response.TryGet(StunAttributeType.Realm, out var realm) && realm.Length <= MaxLength && !(IsChallenged && realm.SequenceEqual(_realm)))
        {
            _realm = realm.ToArray();
            _key = MD5.HashData([.. _username, (byte)':', .. realm, (byte)':', .. Encoding.UTF8.GetBytes(password)]);
        }

        _nonce = nonce.ToArray();
        return IsChallenged;
    }

    /// <summary>USERNAME, REALM, NONCE and MESSAGE-INTEGRITY, at the end of a request (§9.2.3).</summary>
    /// <param name="nonce">This server's.</param>
    public void Write(ref StunMessageWriter request, ReadOnlySpan<byte> nonce)
    {
        request.Add(StunAttributeType.Username, _username);
        request.Add(StunAttributeType.Realm, _realm);
        request.Add(StunAttributeType.Nonce, nonce);
        request.AddIntegrity(_key);
    }

    public override string ToString() => Encoding.UTF8.GetString(_username); // the password stays out of logs
}
