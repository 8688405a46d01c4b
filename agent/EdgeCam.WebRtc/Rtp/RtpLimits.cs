namespace EdgeCam.WebRtc.Rtp;

/// <summary>Sizes that every RTP datagram keeps, whatever path and protection a viewer has: payloads are made once for all viewers.</summary>
public static class RtpLimits
{
    /// <summary>The largest UDP payload sent: passes the 1280 bytes that every IPv6 link carries, with room for a tunnel.</summary>
    public const int MaxDatagram = 1200;

    /// <summary>RFC 3550 §5.1, no CSRC.</summary>
    public const int HeaderSize = 12;

    /// <summary>RFC 8285: 4 bytes of extension header and at most 24 bytes of elements and padding.</summary>
    public const int MaxExtensionSize = 28;

    /// <summary>The SRTP authentication tag of AEAD_AES_128_GCM; AES_CM_128_HMAC_SHA1_80 has 10.</summary>
    public const int MaxProtection = 16;

    /// <summary>The ChannelData header of a relayed path (RFC 8656 §12.4).</summary>
    public const int MaxHeadroom = 4;

    /// <summary>The original sequence number in front of a retransmission's payload (RFC 4588 §4).</summary>
    public const int OriginalSequenceNumberSize = 2;

    /// <summary>1200 - (12 + 28 + 16 + 4 + 2) = 1138.</summary>
    public const int MaxPayload =
        MaxDatagram - (HeaderSize + MaxExtensionSize + MaxProtection + MaxHeadroom + OriginalSequenceNumberSize);

    /// <summary>Segments of one UDP GSO message (UDP_MAX_SEGMENTS of kernels before 6.9).</summary>
    public const int MaxSegments = 64;

    /// <summary>Bytes of one UDP GSO message: it must fit an IPv4 datagram with its headers.</summary>
    public const int MaxMessage = 64_000;
}
