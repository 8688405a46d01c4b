namespace EdgeCam.WebRtc.Sctp;

/// <summary>Parameters of INIT and INIT ACK (RFC 9260 §3.3.2-3, RFC 3758 §3.1, RFC 5061 §4.2.7) and of RE-CONFIG (RFC 6525 §4).</summary>
internal enum ParameterType : ushort
{
    HeartbeatInfo = 1,
    IPv4Address = 5,
    IPv6Address = 6,
    StateCookie = 7,
    UnrecognizedParameter = 8,
    CookiePreservative = 9,
    HostNameAddress = 11,
    SupportedAddressTypes = 12,
    OutgoingSsnResetRequest = 13,
    IncomingSsnResetRequest = 14,
    SsnTsnResetRequest = 15,
    ReconfigurationResponse = 16,
    AddOutgoingStreamsRequest = 17,
    AddIncomingStreamsRequest = 18,
    SupportedExtensions = 0x8008,
    ForwardTsnSupported = 0xC000,
}
