using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>Protects by a tag of 0xA5 bytes, so that a test sees where each packet ends.</summary>
internal sealed class TagProtector(int overhead = 16) : IRtpProtector
{
    private const byte Tag = 0xA5;

    public int Overhead => overhead;

    public int Protect(Span<byte> buffer, int length, bool isRepeat = false)
    {
        buffer.Slice(length, overhead).Fill(Tag);
        return length + overhead;
    }

    public int ProtectRtcp(Span<byte> buffer, int length) => Protect(buffer, length);

    public ReadOnlySpan<byte> Unprotect(ReadOnlySpan<byte> datagram)
    {
        Assert.True(datagram[^overhead..].IndexOfAnyExcept(Tag) < 0, "a datagram without its tag at its end");
        return datagram[..^overhead];
    }
}
