namespace EdgeCam.WebRtc.Congestion;

/// <summary>What a viewer tells of how packets arrive.</summary>
internal enum FeedbackKind
{
    /// <summary>Receiver reports only.</summary>
    Reports,

    /// <summary>Its own estimate (REMB), and receiver reports.</summary>
    MaximumBitrate,

    /// <summary>Transport-wide feedback.</summary>
    Transport,
}
