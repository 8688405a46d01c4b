using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>
/// What shows that a viewer has the key that its token is bound to, and means this offer: a signature over device, session, certificate, a
/// nonce and the time. A broker in between that saw it can neither use it for another certificate nor once more.
/// </summary>
internal sealed class HolderProof(string device, ReplayWindow replays, TimeProvider time)
{
    public const string Offer = "edgecam-offer-v1";
    public const string Renewal = "edgecam-renew-v1";

    /// <summary>How far the viewer's clock may be from ours.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(120);

    private const int MinNonce = 16;
    private const int MaxNonce = 64;
    private const int SignatureLength = 64;

    /// <summary>What is signed.</summary>
    public static string Text(string purpose, string device, string session, string fingerprint, string nonce, long seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{purpose}\n{device}\n{session}\n{fingerprint}\n{nonce}\n{seconds}");

    /// <param name="holder">The key of the token.</param>
    /// <param name="fingerprint">Of the viewer's certificate; empty where there is no offer yet.</param>
    public AccessRefusal Check(PublicJwk holder, string purpose, string session, string fingerprint, Credentials given)
    {
        if (given is not { Nonce: { } nonce, Time: { } seconds, Proof: { } proof })
            return AccessRefusal.NoProof;
        if (!IsBase64(nonce, MinNonce, MaxNonce) || !IsBase64(proof, SignatureLength, SignatureLength))
            return AccessRefusal.MalformedProof;
        if (!IsOfNow(seconds, time.GetUtcNow()))
            return AccessRefusal.StaleProof;

        using var key = holder.TryImport();
        var signed = Encoding.UTF8.GetBytes(Text(purpose, device, session, fingerprint, nonce, seconds));
        if (key is null || !key.VerifyData(signed, Base64Url.DecodeFromChars(proof), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            return AccessRefusal.WrongProof;
        return replays.Take(holder.Thumbprint(), $"{purpose} {session} {nonce}"); // last: what was not proved takes no place
    }

    /// <summary>Within the tolerance, whatever number it is.</summary>
    public static bool IsOfNow(long seconds, DateTimeOffset now)
    {
        var ours = now.ToUnixTimeSeconds();
        return seconds >= ours - (long)Tolerance.TotalSeconds && seconds <= ours + (long)Tolerance.TotalSeconds;
    }

    private static bool IsBase64(string text, int least, int most) =>
        text.Length <= most * 2 && Base64Url.IsValid(text, out var length) && length >= least && length <= most && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
