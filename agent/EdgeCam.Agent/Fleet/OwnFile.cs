using System.Text;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Fleet;

/// <summary>A file of the operator's that nobody else may read: his profile, password, token and keys.</summary>
internal static class OwnFile
{
    private const int MaxSize = 64 * 1024; // bytes

    /// <param name="what">For the error.</param>
    /// <exception cref="FleetException">It is not there, too large, or not his alone.</exception>
    public static string Read(string path, string what)
    {
        try
        {
            if (!File.Exists(path))
                throw FleetException.File($"{what}: {path} is not there.");
            if (StateFile.IsOfOthers(path))
                throw FleetException.File($"{what}: {path} belongs to another user, who could change it. Copy it to a file of your own.");
            if (StateFile.IsOpenToOthers(path))
                throw FleetException.File($"{what}: {path} can be read by others. chmod 600 {path}");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if (file.Length > MaxSize)
                throw FleetException.File($"{what}: {path} is larger than {MaxSize / 1024} KiB. Is it another file?");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FleetException.File($"{what}: {path} cannot be read ({failure.Message}).");
        }
    }

    /// <summary>Writes a new one, which nobody else may read.</summary>
    /// <exception cref="FleetException">There is a file of that name, or the disk does not take it.</exception>
    public static void Create(string path, string content, string what)
    {
        try
        {
            StateFile.Write(path, Encoding.UTF8.GetBytes(content), mayReplace: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FleetException.File(File.Exists(path) ? $"{what}: {path} is there already, and is not replaced. Name another." : $"{what}: {path} cannot be written ({failure.Message}).");
        }
    }
}
