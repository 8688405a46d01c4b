using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Http;

/// <param name="Session">Made here, unguessable: who knows it may end it.</param>
/// <param name="Access">What its token allows.</param>
/// <param name="Connected">To be called once there is a connection, from any thread.</param>
/// <param name="Closed">To be called once the connection is over, from any thread.</param>
internal sealed record WhepOffer(string Session, AccessGrant Access, string Camera, string Sdp, Action Connected, Action Closed);
