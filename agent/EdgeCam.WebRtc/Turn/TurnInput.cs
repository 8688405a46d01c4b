namespace EdgeCam.WebRtc.Turn;

/// <summary>What a <see cref="TurnClient"/> made of a message.</summary>
public enum TurnInput
{
    /// <summary>It answers nothing that was asked: another's on the same socket, or too late.</summary>
    NotOurs,

    /// <summary>It was for the client itself.</summary>
    Taken,

    /// <summary>It carried a peer's datagram.</summary>
    Data,
}
