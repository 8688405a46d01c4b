using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Srtp.Interop;

/// <summary>The functions of libcrypto 3 that SRTP needs. Named as OpenSSL names them.</summary>
/// <remarks>What is called for each packet takes a microsecond and waits for nothing: the runtime's bookkeeping around a call is left out.</remarks>
internal static unsafe partial class LibCrypto
{
    public const int ControlGcmGetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    public const int ControlGcmSetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_CIPHER_fetch(nint libraryContext, string algorithm, string? properties);

    [LibraryImport(Library)]
    public static partial CipherContextHandle EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherInit_ex2(nint context, nint cipher, byte* key, byte* iv, int encrypt, nint parameters);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherUpdate(nint context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherFinal_ex(nint context, byte* output, int* written);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, void* pointer);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Init(ShaContext* context);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Update(ShaContext* context, byte* data, nuint length);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Final(byte* digest, ShaContext* context);
}
