namespace EdgeCam.Agent.Security.Trust;

/// <summary>A small text file of the operator's, which is read again once it has changed. Used by one thread at a time.</summary>
/// <param name="maxSize">Bytes; a larger file is not read.</param>
internal sealed class WatchedFile(string path, int maxSize)
{
    private (DateTime Written, long Length)? _seen;

    public string Path { get; } = path;

    /// <summary>At the last look it was not there.</summary>
    public bool IsGone { get; private set; }

    /// <summary>False: it is as it was at the last look, good or not.</summary>
    /// <param name="text">Null: it cannot be used, and <paramref name="problem"/> says why.</param>
    public bool HasChanged(out string? text, out string? problem)
    {
        (text, problem) = (null, null);
        var file = new FileInfo(Path);
        (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (now == _seen)
            return false;
        (_seen, IsGone) = (now, !file.Exists);
        if (IsGone)
            problem = "is gone";
        else
            text = Read(Path, maxSize, out problem);
        return true;
    }

    /// <summary>Its text; or null, and <paramref name="problem"/> ends a sentence that begins with its path.</summary>
    public static string? Read(string path, int maxSize, out string? problem)
    {
        problem = null;
        try
        {
            if (StateFile.IsWritableByOthers(path))
                problem = "may be written by others than its owner (chmod go-w)";
            else if (new FileInfo(path).Length > maxSize)
                problem = $"is larger than {maxSize / 1024} KiB";
            return problem is null ? File.ReadAllText(path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = "cannot be read";
            return null;
        }
    }
}
