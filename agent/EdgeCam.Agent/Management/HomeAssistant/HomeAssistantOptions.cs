using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>Whether Home Assistant finds the device at the broker by itself.</summary>
/// <param name="Prefix">Its discovery prefix, one level of a topic.</param>
/// <param name="Commands">
/// Whether it may move heads and switch lines: it cannot sign what it asks for, so whoever may publish below <c>{prefix}/{device}/ha/</c> can
/// do so too. For a broker that the operator trusts.
/// </param>
internal sealed record HomeAssistantOptions(
    bool Enabled = false,
    [property: Word("A-Za-z0-9_-", 64, ErrorMessage = "{0} must be 1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'")] string Prefix = "homeassistant",
    bool Commands = false);
