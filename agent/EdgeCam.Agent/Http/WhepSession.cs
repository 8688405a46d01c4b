namespace EdgeCam.Agent.Http;

/// <param name="EntityTag">Stands for the ICE session (draft-ietf-wish-whep §4.3): a restart makes another.</param>
/// <param name="UsernameFragment">The player's: another one in a PATCH asks for an ICE restart.</param>
/// <param name="Pending">Its place among the unconnected ones, until it is connected or over.</param>
/// <param name="Place">Its place among those of its viewer, until it is over; null where nobody has a token.</param>
internal sealed record WhepSession(string Id, string Camera, string EntityTag, string UsernameFragment, IDisposable Pending, IDisposable? Place);
