using System.Globalization;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.Setup;

/// <summary>
/// The numbers of the service's user and group, from the files of the system that is set up (passwd(5), group(5)): it need not be the one
/// that runs.
/// </summary>
/// <param name="User">Null: there is none.</param>
/// <param name="Group">Null: there is none.</param>
internal sealed record SystemUsers(uint? User, uint? Group)
{
    public const string Name = "edgecam";

    public static SystemUsers Read(string root) =>
        new(Find(System.IO.Path.Combine(root, "etc/passwd")), Find(System.IO.Path.Combine(root, "etc/group")));

    /// <summary>Only where both are there.</summary>
    public FileKeeper Of(PlannedOwner owner) => owner switch
    {
        PlannedOwner.Service => new(User!.Value, Group!.Value),
        PlannedOwner.ServiceMayRead => new(0, Group!.Value),
        _ => new(0, 0),
    };

    /// <summary>The third field of both is the number.</summary>
    private static uint? Find(string path)
    {
        if (!File.Exists(path))
            return null;
        var line = File.ReadLines(path).Select(static line => line.Split(':')).FirstOrDefault(static fields => fields.Length > 2 && fields[0] == Name);
        return line is not null && uint.TryParse(line[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
