namespace EdgeCam.Agent.Cameras;

/// <summary>Any command that writes H.264 in Annex B format, or raw frames, to its stdout: run as it is configured, without a shell.</summary>
internal sealed class ExecProgram(CameraOptions options) : ICameraProgram
{
    public const string Scheme = "exec:";

    /// <summary>It reads from a camera of its own, maybe: that one's next key frame comes when it comes.</summary>
    public TimeSpan KeyFramePatience { get; } = TimeSpan.FromSeconds(90);

    public static string? FindMistake(CameraOptions options)
    {
        var camera = $"Source '{options.Source}' of camera '{options.Name}'";
        if (options.Source != Scheme)
            return $"{camera} must be exec: alone: the program and its arguments stand in command, each a string of its own, such as [\"ffmpeg\", \"-i\", \"...\"].";
        if (options.Command is not { Length: > 0 })
            return $"{camera} names no program: write it and its arguments in command, each a string of its own; no shell reads them.";
        if (options.ExtraArguments is { Length: > 0 })
            return $"{camera} is run as command says: remove extraArguments, which are for rpicam.";
        return options.AgentEncodes ? EncoderPlan.FindMistake(options) : null;
    }

    public (string? Path, string Reason) Find()
    {
        var program = options.Command![0];
        return ChildProgram.Find(program) is { } path
            ? (path, "")
            : (null, $"Command '{program}' of camera '{options.Name}' is not found or not executable: give its full path.");
    }

    public IReadOnlyList<string> Arguments() => options.Command![1..];

    /// <summary>The arguments are the operator's, and may hold what a log should not.</summary>
    public string Describe(string path, IReadOnlyList<string> arguments) => $"{path} with {arguments.Count} arguments";
}
