namespace EdgeCam.Agent.Management.Setup;

/// <summary>The host's name, and the line of <c>/etc/hosts</c> by which the host finds itself under it (Debian: 127.0.1.1).</summary>
internal static class HostName
{
    public const string Path = "etc/hostname";
    public const string HostsPath = "etc/hosts";

    private const string Own = "127.0.1.1";

    /// <param name="hosts">The file as it is; empty where there is none.</param>
    public static string WriteHosts(string hosts, string name)
    {
        var line = $"{Own}\t{name}";
        if (hosts.Length == 0)
            return $"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{line}\n";

        List<string> lines = [];
        var isWritten = false;
        foreach (var old in hosts.TrimEnd('\n').Split('\n'))
        {
            if (!IsOwn(old))
                lines.Add(old);
            else if (!isWritten)
                lines.Add(line);
            isWritten |= IsOwn(old);
        }

        if (!isWritten)
            lines.Add(line);
        return string.Join('\n', lines) + "\n";
    }

    private static bool IsOwn(string line) => line.Split([' ', '\t'], 2)[0] == Own;
}
