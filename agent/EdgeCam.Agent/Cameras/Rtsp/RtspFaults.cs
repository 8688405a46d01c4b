using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>What ffmpeg's last words about an IP camera mean, in words that stay the same from attempt to attempt.</summary>
internal static partial class RtspFaults
{
    /// <summary>A camera that is asked with a wrong password again and again closes its door to everybody.</summary>
    private static readonly TimeSpan s_refused = TimeSpan.FromMinutes(1);

    /// <summary>Without user and password, which ffmpeg repeats with the address.</summary>
    public static string Clean(string line, RtspCredentials? credentials)
    {
        line = Authority().Replace(line, "//");
        if (credentials is null || credentials.Password.Length == 0)
            return line;
        return line.Replace(credentials.Password, "***", StringComparison.Ordinal).Replace(Uri.EscapeDataString(credentials.Password), "***", StringComparison.Ordinal);
    }

    /// <param name="lines">As ffmpeg wrote them: a short password may stand in the words that they are known by, and cleaning takes it out there, too.</param>
    public static CameraEnding Explain(RtspAddress address, IReadOnlyList<string> lines, RtspCredentials? credentials, string transport)
    {
        bool Says(params string[] words) => lines.Any(line => words.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
        var where = address.Text;
        if (Says("401 Unauthorized", "authorization failed"))
        {
            return new(credentials is not null
                ? $"{where} does not take the user or password in credentialsFile: correct them. Asked again once a minute, as cameras lock out who errs often."
                : $"{where} asks for user and password: write them as user:password into a file, and name that in credentialsFile.", IsRefusal: true, s_refused);
        }

        if (Says("403 Forbidden"))
            return new($"{where} is forbidden to this user: give it the right to watch, in the camera's own settings.", IsRefusal: true, s_refused);
        if (Says("404 Not Found", "404 Stream"))
            return new($"{address.Authority} has no stream {address.PathAndQuery}: the camera's manual names its path.", IsRefusal: true, s_refused);
        if (Says("matches no streams"))
            return new($"{where} has no video.", IsRefusal: true, s_refused);
        if (Says("< dts (", "av_interleaved_write_frame(): Invalid argument", "packet to the muxer: Invalid argument")) // their times go back
            return new($"{where} sends B-frames, which browsers show late or out of order: set its profile to baseline, or its number of B-frames to 0.", IsRefusal: true);
        if (Says("461 Unsupported", "Nonmatching transport"))
            return new($"{where} does not send over {transport}: set transport to \"{(transport == "tcp" ? "udp" : "tcp")}\".", IsRefusal: true);
        if (Says("Failed to resolve", "Name or service not known", "Temporary failure in name resolution"))
            return new($"The name {address.Host} is not known in this network: write the camera's IP address, or correct the name. It is asked for again until it is there.");
        if (Says("Connection refused"))
            return new($"{address.Authority} refuses the connection: the camera is starting, or its RTSP is switched off or on another port. It is tried again until it answers.");
        if (Says("No route to host", "Network is unreachable", "Host is unreachable"))
            return new($"{address.Authority} is not in reach: is the camera on, and in this network? It is tried again until it answers.");
        if (Says("timed out", "Immediate exit requested"))
            return new($"{address.Authority} does not answer: is the camera on? It is tried again until it answers.");
        return lines.Count > 0
            ? new($"{where} cannot be read: {Clean(lines[^1], credentials)}. It is tried again until it works.")
            : new($"{where} ended the stream; it is connected to again until it works.");
    }

    /// <summary>User and password in front of a host.</summary>
    [GeneratedRegex(@"//[^/\s'""]*@")]
    private static partial Regex Authority();
}
