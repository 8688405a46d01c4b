using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent;

/// <summary>What control consists of: the methods, who is there to be told, and what each may do.</summary>
internal sealed record ControlPlane(ControlDispatcher Dispatcher, ControlAudience Audience, ViewerAccess Access, TimeProvider Time);
