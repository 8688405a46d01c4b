using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Settings;

/// <summary>What a message of <c>config/desired</c> holds, as far as its sender may say so.</summary>
/// <param name="Config">Null: nothing that is let in.</param>
/// <param name="Refusal">Why; null where it is only too early to tell, and the message is to be opened again.</param>
/// <param name="Drop">As what a refusal is counted.</param>
/// <param name="Taken">To be called once it was taken up or found wrong, so that nothing older is let in after it.</param>
internal sealed record DesiredOpening(JsonObject? Config, string? Refusal = null, DropReason Drop = DropReason.Forbidden, Action? Taken = null)
{
    public bool IsTooEarly => Config is null && Refusal is null;
}
