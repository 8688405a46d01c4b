namespace EdgeCam.WebRtc.Congestion;

internal enum PacketFate : byte
{
    /// <summary>Nothing of that number was sent.</summary>
    None,

    /// <summary>No feedback has spoken of it yet.</summary>
    InFlight,

    Received,

    /// <summary>Reported as not received; a later feedback may still bring it.</summary>
    Lost,
}
