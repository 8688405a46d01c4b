namespace EdgeCam.WebRtc.Primitives;

/// <summary>What <c>TryTransmit</c> wrote into the caller's buffer: one or more datagrams for one path, back to back.</summary>
/// <param name="Path">From where to where.</param>
/// <param name="Length">Bytes written.</param>
/// <param name="SegmentSize">Size of each datagram; only the last may be shorter. Equal to <paramref name="Length"/> for one datagram.</param>
/// <param name="Headroom">Bytes left free in front of each datagram and counted in both sizes: a ChannelData header on a relayed path, else 0.</param>
public readonly record struct Transmit(NetworkPath Path, int Length, int SegmentSize, int Headroom = 0);
