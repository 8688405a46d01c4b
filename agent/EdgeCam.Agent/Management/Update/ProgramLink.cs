using EdgeCam.Agent.Management.Update.Interop;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// <c>/opt/edgecam/current</c>: the link to the folder of what runs, a version's beside it or the package's own. It changes in one step, so
/// that whenever the power goes it leads to one or the other.
/// </summary>
/// <param name="packaged">The version that the package brought, which is that of the helper, too.</param>
internal sealed class ProgramLink(UpdatePaths paths, UpdateVersion packaged)
{
    /// <summary>Stands for the package's own program.</summary>
    public const string Package = "package";

    private string Draft => Path.Combine(paths.Programs, ".current.new");

    /// <summary>A version, <see cref="Package"/>, or null where the link is missing or leads elsewhere.</summary>
    public string? Place => new FileInfo(paths.Current).LinkTarget switch
    {
        null => null,
        UpdatePaths.PackageTarget => Package,
        var target => UpdateVersion.TryParse(target)?.Text,
    };

    /// <summary>What runs, the package's where the link is broken.</summary>
    public UpdateVersion Version => Place is { } place && place != Package ? UpdateVersion.TryParse(place)! : packaged;

    public bool IsWhole(string place) => File.Exists(Path.Combine(Folder(place), UpdatePaths.Program));

    public string Folder(string place) => place == Package ? paths.Package : Path.Combine(paths.Programs, place);

    /// <exception cref="IOException">The disk is full, or the like; then all is as before.</exception>
    public void Switch(string place)
    {
        File.Delete(Draft); // of one who did not come to an end
        File.CreateSymbolicLink(Draft, place == Package ? UpdatePaths.PackageTarget : place);
        NativeFiles.Rename(Draft, paths.Current);
        FolderSync.Flush(paths.Programs);
    }
}
