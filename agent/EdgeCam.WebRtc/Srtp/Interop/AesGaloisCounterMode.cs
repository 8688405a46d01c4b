namespace EdgeCam.WebRtc.Srtp.Interop;

/// <summary>AES-128-GCM in one direction, initialization vector of 12 bytes, tag of 16.</summary>
internal sealed unsafe class AesGaloisCounterMode(ReadOnlySpan<byte> key, bool isEncryption) : CipherContext(s_cipher, key, isEncryption)
{
    public const int TagLength = 16;

    private static readonly nint s_cipher = Fetch("AES-128-GCM");

    public void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag)
    {
        var context = Context;
        int written;
        byte none;
        fixed (byte* tagPointer = tag)
        {
            Update(context, iv, associatedData, data);
            Check(LibCrypto.EVP_CipherFinal_ex(context, &none, &written));
            Check(LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.ControlGcmGetTag, TagLength, tagPointer));
        }

        GC.KeepAlive(this);
    }

    /// <summary>False where the tag is wrong; the data is then neither what it was nor the plaintext.</summary>
    public bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        var context = Context;
        int written;
        byte none;
        fixed (byte* tagPointer = tag)
        {
            Update(context, iv, associatedData, data);
            Check(LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.ControlGcmSetTag, TagLength, tagPointer));
            var isAuthentic = LibCrypto.EVP_CipherFinal_ex(context, &none, &written) == 1;
            GC.KeepAlive(this);
            return isAuthentic;
        }
    }

    private static void Update(nint context, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associatedData, Span<byte> data)
    {
        int written;
        fixed (byte* ivPointer = iv, associatedPointer = associatedData, dataPointer = data)
        {
            Check(LibCrypto.EVP_CipherInit_ex2(context, 0, null, ivPointer, -1, 0));
            Check(LibCrypto.EVP_CipherUpdate(context, null, &written, associatedPointer, associatedData.Length));
            if (!data.IsEmpty)
                Check(LibCrypto.EVP_CipherUpdate(context, dataPointer, &written, dataPointer, data.Length));
        }
    }
}
