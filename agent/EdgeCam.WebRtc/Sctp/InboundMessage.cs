namespace EdgeCam.WebRtc.Sctp;

/// <summary>A whole message.</summary>
/// <param name="Held">What it counts against the receiver window until its taker releases it.</param>
internal readonly record struct InboundMessage(ushort Stream, uint Ppid, byte[] Data, int Held);
