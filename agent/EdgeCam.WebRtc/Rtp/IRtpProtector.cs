namespace EdgeCam.WebRtc.Rtp;

/// <summary>Protects packets where they lie: SRTP, seen from the RTP side.</summary>
public interface IRtpProtector
{
    /// <summary>Bytes that every protected RTP packet grows by: the authentication tag, 10 or 16.</summary>
    int Overhead { get; }

    /// <summary>Turns the RTP packet at the buffer's beginning into an SRTP packet and returns its length, always <see cref="Overhead"/> more.</summary>
    /// <param name="isRepeat">These very bytes were protected before (a retransmission without RTX).</param>
    int Protect(Span<byte> buffer, int length, bool isRepeat = false);

    /// <summary>Turns the compound at the buffer's beginning into an SRTCP packet and returns its length.</summary>
    int ProtectRtcp(Span<byte> buffer, int length);
}
