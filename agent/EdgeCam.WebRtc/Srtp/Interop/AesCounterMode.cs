namespace EdgeCam.WebRtc.Srtp.Interop;

/// <summary>AES-128 in counter mode.</summary>
internal sealed unsafe class AesCounterMode(ReadOnlySpan<byte> key) : CipherContext(s_cipher, key, isEncryption: true)
{
    private static readonly nint s_cipher = Fetch("AES-128-CTR");

    /// <summary>XORs the keystream that begins at a counter block of 16 bytes onto the data; the same for both directions.</summary>
    public void Transform(ReadOnlySpan<byte> counter, Span<byte> data)
    {
        var context = Context;
        int written;
        fixed (byte* counterPointer = counter, dataPointer = data)
        {
            Check(LibCrypto.EVP_CipherInit_ex2(context, 0, null, counterPointer, -1, 0));
            Check(LibCrypto.EVP_CipherUpdate(context, dataPointer, &written, dataPointer, data.Length));
        }

        GC.KeepAlive(this);
    }
}
