namespace EdgeCam.Agent.Publishing;

/// <summary>Files that hold one secret each: they are read for each connection, so that a renewed one counts without a restart.</summary>
internal static class PublishFiles
{
    private const int MaxSize = 8192; // bytes

    /// <summary>The one line in it.</summary>
    /// <exception cref="WhipException">It cannot be used; the words name the key, and nothing of the content.</exception>
    public static string Read(string key, string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxSize)
                throw new WhipException($"the file of {key} has more than {MaxSize / 1024} KiB: it holds one line");
            var text = File.ReadAllText(path).Trim();
            if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new WhipException($"the file of {key} holds {(text.Length == 0 ? "nothing" : "more than one word of ASCII")}: write one line into it");
            return text;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new WhipException($"the file of {key} cannot be read: check the path, and that the user who runs edgecam may read it", inner: failure);
        }
    }
}
