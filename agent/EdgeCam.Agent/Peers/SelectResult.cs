namespace EdgeCam.Agent.Peers;

/// <summary>What became of a viewer's wish for another stream.</summary>
/// <param name="Code">0: it is followed; else as in HTTP: 404 there is no such stream, 409 not on this connection, 429 too often, 480 no picture now.</param>
/// <param name="Message">For people; empty where it is followed.</param>
/// <param name="IsPending">The first picture is still to come.</param>
internal sealed record SelectResult(int Code, string Message = "", bool IsPending = false);
