namespace EdgeCam.WebRtc.Sdp;

/// <summary>The character sets of RFC 8866 §9 and RFC 8839 §5.4: what we echo or keep is made of these and no longer than stated.</summary>
internal static class SdpText
{
    /// <summary>A token (RFC 8866 §9) of at most <paramref name="maxLength"/> characters.</summary>
    public static bool IsToken(ReadOnlySpan<char> text, int maxLength)
    {
        if (text.Length == 0 || text.Length > maxLength)
            return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !"!#$%&'*+-.^_`{|}~".Contains(character, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>These are ours: a bad one would break the lines of what we write, so it is a bug of the caller.</summary>
    public static void RequireToken(string text, string name)
    {
        if (!IsToken(text, 64))
            throw new ArgumentException($"{name} is not a token of 1 to 64 characters (RFC 8866 §9)", name);
    }

    /// <summary>Tokens with slashes between, as in <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public static bool IsProtocol(ReadOnlySpan<char> text)
    {
        foreach (var part in text.Split('/'))
        {
            if (!IsToken(text[part], 16))
                return false;
        }

        return text.Length is > 0 and <= 64;
    }

    /// <summary>ice-char, and the four characters beyond it that deployed stacks have used for their credentials; never a colon.</summary>
    public static bool IsIceString(ReadOnlySpan<char> text, int minLength)
    {
        if (text.Length < minLength || text.Length > 256)
            return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '/' or '-' or '_' or '=' or '#'))
                return false;
        }

        return true;
    }

    public static bool TryParseDirection(ReadOnlySpan<char> name, out MediaDirection direction)
    {
        (var known, direction) = name switch
        {
            "sendrecv" => (true, MediaDirection.SendReceive),
            "sendonly" => (true, MediaDirection.SendOnly),
            "recvonly" => (true, MediaDirection.ReceiveOnly),
            "inactive" => (true, MediaDirection.Inactive),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The text before the first space or the whole, and what follows.</summary>
    public static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        text = text.Trim(' ');
        var space = text.IndexOf(' ');
        rest = space < 0 ? default : text[(space + 1)..].Trim(' ');
        return space < 0 ? text : text[..space];
    }
}
