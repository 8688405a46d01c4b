namespace EdgeCam.WebRtc.Tests.Structure;

/// <summary>Which folder may know which: arrows point one way, and a new one is a decision, made here and in the design.</summary>
internal static class DependencyRules
{
    private const string Engine = "EdgeCam.WebRtc";
    private const string Agent = "EdgeCam.Agent";
    private const string Sims = "EdgeCam.Sims";

    /// <summary>Folders that every other folder of their project may use.</summary>
    private static readonly Dictionary<string, string[]> s_shared = new()
    {
        [Engine] = ["Primitives"],
        [Agent] = ["Configuration", "Diagnostics", "Security"],
        [Sims] = ["Common", "World"],
    };

    /// <summary>The folder whose files look over all others, as those directly in the project do: the settings speak of every part.</summary>
    private static readonly (string Project, string Folder) s_overview = (Agent, "Settings");

    private static readonly Dictionary<string, (string From, string To)[]> s_arrows = new()
    {
        [Engine] = [("Turn", "Stun"), ("Ice", "Stun"), ("Srtp", "Rtp"), ("H264", "Rtp"), ("Congestion", "Rtp")],
        [Agent] =
        [
            ("Signaling", "Mqtt"), ("Management", "Mqtt"), ("Publishing", "Mqtt"), ("Fleet", "Mqtt"), ("Peers", "Streaming"), ("Streaming", "Cameras"), ("Control", "Devices"),
            ("Recording", "Streaming"), ("Control", "Recording"),
        ],
    };

    /// <summary>Which of our assemblies a project may see at all.</summary>
    private static readonly Dictionary<string, string[]> s_projects = new()
    {
        [Engine] = [],
        [Agent] = [Engine],
        [Sims] = [],
    };

    /// <summary>A sentence for each forbidden edge among these files.</summary>
    public static List<string> Violations(IReadOnlyCollection<SourceFile> files)
    {
        var found = new List<string>();
        foreach (var file in files)
        {
            if (!s_projects.TryGetValue(file.Project, out var projects))
            {
                found.Add($"{file.Path}: project {file.Project} has no rule");
                continue;
            }

            foreach (var name in file.DottedNames)
            {
                var project = s_projects.Keys.FirstOrDefault(p => name == p || name.StartsWith(p + ".", StringComparison.Ordinal));
                if (project is not null && project != file.Project && !projects.Contains(project))
                    found.Add($"{file.Path}: {file.Project} must not know {project} ({name})");
            }

            // Files directly in a project compose its folders; that is what they are for.
            if (file.Folder.Length > 0)
                CheckFolder(file, files, found);
        }

        return found;
    }

    private static void CheckFolder(SourceFile file, IReadOnlyCollection<SourceFile> files, List<string> found)
    {
        var home = $"{file.Project}.{file.Folder}";
        if (file.Namespace is { } declared && declared != home && !declared.StartsWith(home + ".", StringComparison.Ordinal))
            found.Add($"{file.Path}: declares {declared}, but its folder is {home}");

        foreach (var other in files.Where(f => f.Project == file.Project).Select(f => f.Folder).Distinct())
        {
            if (other.Length == 0 || other == file.Folder || IsAllowed(file.Project, file.Folder, other))
                continue;
            foreach (var name in file.DottedNames.Where(name => Means(name, file.Project, other, files)))
                found.Add($"{file.Path}: {file.Folder} must not know {other} ({name})");
        }

        if (file.Project != Engine)
            return;
        // No using line is needed for what lies in the enclosing namespace: nothing knows the PeerConnection above it.
        foreach (var above in files.Where(f => f.Project == Engine && f.Folder.Length == 0))
        {
            if (file.Mentions(above.TypeName))
                found.Add($"{file.Path}: {file.Folder} must not know {above.TypeName}, which composes the folders");
        }
    }

    private static bool IsAllowed(string project, string from, string to) =>
        (project, from) == s_overview || s_shared.GetValueOrDefault(project, []).Contains(to) || s_arrows.GetValueOrDefault(project, []).Contains((from, to));

    /// <summary>The name leads into the folder: in full, from an enclosing namespace (<c>WebRtc.Ice.X</c>), or from within it (<c>Ice.X</c>).</summary>
    private static bool Means(string name, string project, string folder, IReadOnlyCollection<SourceFile> files)
    {
        var full = $"{project}.{folder}";
        var partial = $"{project.Split('.')[^1]}.{folder}";
        if (name == full || name.StartsWith(full + ".", StringComparison.Ordinal) || name.StartsWith(partial + ".", StringComparison.Ordinal))
            return true;

        // "Ice.X" may as well be a property called Ice: it counts where the folder has a type X.
        var words = name.Split('.');
        return words[0] == folder && files.Any(f => f.Project == project && f.Folder == folder && f.TypeName == words[1]);
    }
}
