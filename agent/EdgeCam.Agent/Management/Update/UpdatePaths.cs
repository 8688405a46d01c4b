namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// Where everything of an update lies. Root's: the programs, the keys and what the helper remembers. The agent's own: what it downloads, and
/// lays ready for the helper, which believes nothing of it.
/// </summary>
/// <param name="Root">Of the system; another than <c>/</c> in tests.</param>
internal sealed record UpdatePaths(string Root)
{
    /// <summary>Where the link to what runs says that the package's own program runs.</summary>
    public const string PackageTarget = "/usr/lib/edgecam";

    /// <summary>The agent's state folder, which the helper's path unit watches: a device configured with another takes no updates.</summary>
    public const string State = "var/lib/edgecam";

    public const string SpoolName = "update";
    public const string ReadyName = "ready";
    public const string RequestName = "request.json";
    public const string ManifestName = "manifest.jws";
    public const string ArchiveName = "archive.tar.gz";
    public const string HealthyName = "healthy.json";
    public const string WaitingName = "waiting.json";
    public const string Program = "edgecam";

    public string Keys => Path.Combine(Root, "etc/edgecam/update-keys");

    public string Package => Path.Combine(Root, "usr/lib/edgecam");

    public string Programs => Path.Combine(Root, "opt/edgecam");

    public string Current => Path.Combine(Programs, "current");

    public string Helper => Path.Combine(Root, "var/lib/edgecam-update");

    public string Incoming => Path.Combine(Helper, "incoming");

    public string Trial => Path.Combine(Helper, "trial.json");

    public string Result => Path.Combine(Helper, "result.json");

    public string Installed => Path.Combine(Helper, "installed.json");

    public string Attempt => Path.Combine(Helper, "attempt.json");

    public string Lock => Path.Combine(Helper, "lock");

    public string AgentState => Path.Combine(Root, State);

    public string Spool => Path.Combine(AgentState, SpoolName);

    public string Ready => Path.Combine(Spool, ReadyName);

    public string Request => Path.Combine(Ready, RequestName);

    public string Archive => Path.Combine(Ready, ArchiveName);

    public string Healthy => Path.Combine(Spool, HealthyName);

    public string Waiting => Path.Combine(Spool, WaitingName);

    public string Download => Path.Combine(Spool, "download.part");

    public string Job => Path.Combine(Spool, "state.json");
}
