using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>rpicam-vid, or the command configured in its place. Options that an older release does not know are left out from the second start on.</summary>
/// <param name="options">Asked before each start: what it is to write may change.</param>
internal sealed class RpicamProgram(Func<CameraOptions> options, ILogger log) : ICameraProgram
{
    private readonly HashSet<string> _without = [];

    public (string? Path, string Reason) Find() => RpicamCommandLine.FindProgram(options());

    public IReadOnlyList<string> Arguments() => RpicamCommandLine.Arguments(options(), _without);

    public CameraEnding? Judge(IReadOnlyList<string> lines, long pictures)
    {
        var unknown = pictures > 0 ? null : RpicamCommandLine.Optional.FirstOrDefault(option =>
            !_without.Contains(option) && lines.Any(line =>
                line.Contains("unrecognised option", StringComparison.Ordinal) && line.Contains(option, StringComparison.Ordinal)));
        if (unknown is null)
            return null;
        _without.Add(unknown);
        log.OptionDropped(options().Name, unknown);
        return new("");
    }
}
