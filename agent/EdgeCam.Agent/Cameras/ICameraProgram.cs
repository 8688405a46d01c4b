namespace EdgeCam.Agent.Cameras;

/// <summary>A program that is run for a camera: what to start, and what it means when it ends. Belongs to the camera's thread.</summary>
internal interface ICameraProgram
{
    /// <summary>The program's path; null and why there is none.</summary>
    (string? Path, string Reason) Find();

    /// <summary>The arguments after its name. They are seen by every user of the machine: no secret may be in them.</summary>
    IReadOnlyList<string> Arguments();

    /// <summary>What it reads from its stdin, which ends after it.</summary>
    string Input => "";

    /// <summary>What is run, for the log.</summary>
    string Describe(string path, IReadOnlyList<string> arguments) => $"{path} {string.Join(' ', arguments)}";

    /// <summary>A line that it wrote to stderr, without what nobody may read: what is printed of it.</summary>
    string Clean(string line) => line;

    /// <summary>
    /// For how long pictures that nothing can begin with are waited out: a program that begins each run with a key frame is better started
    /// again (zero); a camera of its own goes on as it is.
    /// </summary>
    TimeSpan KeyFramePatience => TimeSpan.Zero;

    /// <summary>It ended, or was ended, without a fault in its pictures.</summary>
    /// <param name="lines">Its last words as it wrote them, to know them by; what is told of them goes through <see cref="Clean"/>.</param>
    /// <param name="pictures">How many it gave in this run.</param>
    /// <returns>What that means, with its remedy; null where this program has no better words than "it is gone".</returns>
    CameraEnding? Judge(IReadOnlyList<string> lines, long pictures) => null;
}
