using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent;

/// <summary>Makes the media plane, or throws an <see cref="IOException"/> or SocketException that says what the operator must change.</summary>
internal delegate IMediaPlane MediaPlaneFactory(AgentOptions options, ControlPlane control, DropCounters drops, ProgressBoard board, ILoggerFactory logs);
