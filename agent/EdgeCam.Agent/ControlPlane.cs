using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent;

/// <summary>What control consists of: the methods, who is there to be told, what each may do, and what is moved inside the cameras' pictures.</summary>
internal sealed record ControlPlane(ControlDispatcher Dispatcher, ControlAudience Audience, ViewerAccess Access, CameraRegions Regions, TimeProvider Time);
