using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Diagnostics;

/// <param name="Level">The least that is written.</param>
/// <param name="Format"><c>auto</c> is <c>systemd</c> where systemd started the agent, else <c>text</c>.</param>
internal sealed record LogOptions(
    [property: OneOf("debug", "information", "warning", "error")] string Level = "information",
    [property: OneOf("auto", "text", "systemd")] string Format = "auto");
