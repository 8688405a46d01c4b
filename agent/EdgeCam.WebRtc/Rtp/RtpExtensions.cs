namespace EdgeCam.WebRtc.Rtp;

/// <summary>Which header extensions a packet carries. It is the same for all packets of a frame, so that they have one header size.</summary>
[Flags]
internal enum RtpExtensions
{
    None = 0,
    Mid = 1,
    AbsSendTime = 2,
    TransportSequenceNumber = 4,
    PlayoutDelay = 8,
    AbsCaptureTime = 16,
}
