using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// Lets in what operators leave at <c>config/desired</c>, as <c>security.access</c> asks for it. The broker gives a retained message once for a
/// connection, so one that comes before the clock is set is to be kept.
/// </summary>
internal sealed class DesiredDoor(AccessPolicy policy, SignedDesired signed, TimeProvider time, ILogger log)
{
    public DesiredOpening Open(ReadOnlyMemory<byte> payload)
    {
        if (!policy.IsOpen && !DeviceClock.IsSet(time))
            return new(null);
        var (desired, refusal) = signed.Open(payload);
        if (desired is not null)
            return new(JsonObject.Create(desired.Config), Taken: () => Remember(desired));
        var isShape = policy.IsOpen && refusal is (AccessRefusal.Malformed or AccessRefusal.MalformedRequest); // nobody would think of a token there
        return new(
            null, isShape ? "it is not {\"config\": {…}}: write the whole of what is to be set remotely into that" : refusal.InWords(),
            refusal is AccessRefusal.Malformed or AccessRefusal.MalformedRequest ? DropReason.Malformed : DropReason.Forbidden);
    }

    private void Remember(DesiredConfiguration desired)
    {
        try
        {
            signed.Remember(desired);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.DesiredMarkUnwritten(failure.Message);
        }
    }
}
