using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Diagnostics;

/// <param name="Level">The least that is written.</param>
/// <param name="Format"><c>auto</c> is <c>systemd</c> where systemd started the agent, else <c>text</c>.</param>
internal sealed record LogOptions(
    [property: RegularExpression("^(debug|information|warning|error)$", ErrorMessage = "{0} must be one of debug, information, warning, error")] string Level = "information",
    [property: RegularExpression("^(auto|text|systemd)$", ErrorMessage = "{0} must be one of auto, text, systemd")] string Format = "auto");
