namespace EdgeCam.WebRtc.Sctp;

/// <summary>Payload protocol identifiers (PPID) of data channels (RFC 8831 §8). The deprecated 52 and 54 are not accepted.</summary>
internal enum PayloadProtocol : uint
{
    Dcep = 50,
    String = 51,
    Binary = 53,
    StringEmpty = 56,
    BinaryEmpty = 57,
}
