namespace EdgeCam.Agent.Management.Update.Install;

/// <summary>One of root's programs at a time changes what is installed. It ends with the process, however that ends.</summary>
internal static class UpdateLock
{
    private const int LookMilliseconds = 100;

    /// <summary>Waits so long at most.</summary>
    /// <returns>Null where another still has it then.</returns>
    public static IDisposable? Take(UpdatePaths paths, TimeSpan patience)
    {
        for (var left = patience; ; left -= TimeSpan.FromMilliseconds(LookMilliseconds))
        {
            try
            {
                return new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (left > TimeSpan.Zero && Directory.Exists(paths.Helper))
            {
                Thread.Sleep(LookMilliseconds);
            }
            catch (IOException) when (Directory.Exists(paths.Helper))
            {
                return null;
            }
        }
    }
}
