using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Who moves a head.</summary>
/// <param name="Id">The same for all messages of one caller.</param>
/// <param name="IsPresent">It came by a data channel, so whether it is still there is known; otherwise by a broker.</param>
/// <param name="HeardAt">When its message arrived; null: now. The loop may have come to it later.</param>
internal readonly record struct PtzCaller(string Id, AccessGrant Access, bool IsPresent, Instant? HeardAt = null);
