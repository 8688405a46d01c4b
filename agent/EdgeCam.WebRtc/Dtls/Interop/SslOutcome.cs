namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>What a call into libssl came to.</summary>
internal enum SslOutcome
{
    Done,

    /// <summary>Nothing more to do until the next datagram or timeout.</summary>
    WantsInput,

    /// <summary>The peer sent close_notify.</summary>
    Closed,

    /// <summary>The association is dead; <see cref="SslConnection.Error"/> says why.</summary>
    Failed,
}
