using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Who moves a head.</summary>
/// <param name="Id">The same for all messages of one caller.</param>
/// <param name="IsPresent">It came by a data channel, so whether it is still there is known; otherwise by a broker.</param>
internal readonly record struct PtzCaller(string Id, AccessGrant Access, bool IsPresent);
