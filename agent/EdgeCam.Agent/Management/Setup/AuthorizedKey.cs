using System.Buffers.Binary;
using System.Text;

namespace EdgeCam.Agent.Management.Setup;

/// <summary>A line of <c>authorized_keys</c> (sshd(8)): a public key with a comment, without options.</summary>
internal static class AuthorizedKey
{
    public const string Path = "root/.ssh/authorized_keys";

    private const int MaxLine = 8192; // of sshd

    private static readonly string[] s_types =
    [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    public static bool IsValid(string line)
    {
        if (line.Length > MaxLine || line.Any(char.IsControl))
            return false;
        var words = line.Split(' ', 3);
        if (words.Length < 2 || !s_types.Contains(words[0]))
            return false;

        // The key begins with its type again, as a length and so many bytes (RFC 4253 §6.6).
        var key = new byte[words[1].Length];
        return Convert.TryFromBase64String(words[1], key, out var length)
            && length > 4 + words[0].Length
            && BinaryPrimitives.ReadUInt32BigEndian(key) == words[0].Length
            && key.AsSpan(4, words[0].Length).SequenceEqual(Encoding.ASCII.GetBytes(words[0]));
    }
}
