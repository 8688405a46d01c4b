namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>Who the agent is to an IP camera. Read from a file for each connection; never printed.</summary>
internal sealed class RtspCredentials(string user, string password)
{
    private const int MaxSize = 1024;
    private const int MaxEscaped = 127; // what ffmpeg keeps of them

    public string User => user;

    public string Password => password;

    /// <summary>As an address has them, in percent-encoding (RFC 3986 §2.1).</summary>
    public string Escaped => $"{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}".Replace("'", "%27", StringComparison.Ordinal);

    /// <summary>Null, and what is wrong with the file, without a word of its content.</summary>
    public static RtspCredentials? Read(string path, out string mistake)
    {
        string text;
        try
        {
            if (new FileInfo(path).Length > MaxSize)
            {
                mistake = $"{path} is larger than {MaxSize} bytes: it must hold user:password in one line.";
                return null;
            }

            text = File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            mistake = failure is FileNotFoundException or DirectoryNotFoundException
                ? $"{path}, which credentialsFile names, is not there: write user:password into it, for the user edgecam only to read."
                : $"{path}, which credentialsFile names, cannot be read: let the user edgecam read it (chown edgecam, chmod 600).";
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        mistake = colon > 0 && !text.Any(char.IsControl) ? "" : $"{path} must hold user:password in one line.";
        if (mistake.Length > 0)
            return null;
        var credentials = new RtspCredentials(text[..colon], text[(colon + 1)..]);
        if (credentials.Escaped.Length <= MaxEscaped)
            return credentials;
        mistake = $"The user and password in {path} take more than {MaxEscaped} characters in an address, where all but letters and digits take three and more each: "
            + "ffmpeg takes no longer ones. Give the camera a shorter password.";
        return null;
    }
}
