namespace EdgeCam.WebRtc.Sdp;

/// <summary>Why an offer is refused.</summary>
/// <param name="Code">As in the signaling protocol: 400 the offer cannot be served as it is, 413 it is beyond a limit.</param>
/// <param name="Message">A sentence that names the thing and the remedy; it may be shown to the viewer.</param>
public sealed record OfferError(int Code, string Message)
{
    internal static OfferError Unusable(string message) => new(400, message);

    internal static OfferError TooLarge(string message) => new(413, message);
}
