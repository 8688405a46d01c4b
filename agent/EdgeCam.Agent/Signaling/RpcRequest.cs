using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>A request that was let in.</summary>
/// <param name="Body">JSON-RPC 2.0, one request or a batch.</param>
internal readonly record struct RpcRequest(ReadOnlyMemory<byte> Body, AccessGrant Grant);
