namespace EdgeCam.Agent.Http;

/// <param name="EntityTag">Stands for the ICE session (draft-ietf-wish-whep §4.3): a restart makes another.</param>
/// <param name="UsernameFragment">The player's: another one in a PATCH asks for an ICE restart.</param>
internal sealed record WhepSession(string Id, string Camera, string EntityTag, string UsernameFragment);
