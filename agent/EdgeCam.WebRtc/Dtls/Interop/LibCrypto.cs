using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>The functions of libcrypto 3 that DTLS needs: BIO methods, the peer's certificate, the error queue.</summary>
internal static unsafe partial class LibCrypto
{
    public const int BioTypeSourceSink = 0x0400;
    public const int BioFlagRead = 0x01;
    public const int BioFlagWrite = 0x02;
    public const int BioFlagIoSpecial = 0x04;
    public const int BioFlagShouldRetry = 0x08;

    public const int BioControlFlush = 11;
    public const int BioControlDatagramQueryMtu = 40;
    public const int BioControlDatagramGetMtu = 41;
    public const int BioControlDatagramSetMtu = 42;
    public const int BioControlDatagramGetFallbackMtu = 47;
    public const int BioControlDatagramGetMtuOverhead = 49;

    public const int CertificateRejected = 28; // X509_V_ERR_CERT_REJECTED: libssl answers it with the alert bad_certificate

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library)]
    public static partial int BIO_get_new_index();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint BIO_meth_new(int type, string name);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_read(nint method, delegate* unmanaged<nint, byte*, int, int> read);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_write(nint method, delegate* unmanaged<nint, byte*, int, int> write);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged<nint, int, nint, void*, nint> control);

    [LibraryImport(Library)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Library)]
    public static partial void BIO_set_data(nint bio, nint data);

    [LibraryImport(Library)]
    public static partial nint BIO_get_data(nint bio);

    [LibraryImport(Library)]
    public static partial void BIO_set_init(nint bio, int initialized);

    [LibraryImport(Library)]
    public static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(Library)]
    public static partial void BIO_clear_flags(nint bio, int flags);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get_ex_data(nint storeContext, int index);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get0_cert(nint storeContext);

    [LibraryImport(Library)]
    public static partial void X509_STORE_CTX_set_error(nint storeContext, int error);

    [LibraryImport(Library)]
    public static partial int i2d_X509(nint certificate, byte** output);

    [LibraryImport(Library)]
    public static partial void ERR_clear_error();

    [LibraryImport(Library)]
    public static partial nuint ERR_get_error();

    [LibraryImport(Library)]
    public static partial nint ERR_reason_error_string(nuint error);

    /// <summary>The reason of the oldest error, which is the cause of those after it, and empties the queue.</summary>
    public static string TakeError()
    {
        var code = ERR_get_error();
        var reason = code == 0 ? 0 : ERR_reason_error_string(code);
        ERR_clear_error();
        return (reason == 0 ? null : Marshal.PtrToStringUTF8(reason)) ?? "unknown error";
    }
}
