using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>
/// The BIO between libssl and the engine: one datagram per read, one per write (a memory BIO would run them together). It has
/// the callbacks that libssl makes on the way of a connection; none of them lets an exception out.
/// </summary>
internal sealed unsafe class DatagramBio : IDisposable
{
    /// <summary>The largest datagram taken in; a peer within the path MTU stays far below.</summary>
    public const int MaxDatagram = 2048;

    private const int IpAndUdpOverhead = 48; // IPv6 and UDP headers; libssl derives the smallest MTU that it accepts from it

    private static readonly nint s_method = CreateMethod();
    private static readonly int s_sslIndex = LibSsl.SSL_get_ex_data_X509_STORE_CTX_idx();

    private readonly ISslOwner _owner;
    private readonly int _mtu;
    private readonly byte[] _incoming = new byte[MaxDatagram];
    private GCHandle<DatagramBio> _self;
    private int _incomingLength;
    private bool _isMuted; // while libssl repeats a flight on its own account; it reads next

    public DatagramBio(SslHandle ssl, int mtu, ISslOwner owner)
    {
        _owner = owner;
        _mtu = mtu;
        var bio = LibCrypto.BIO_new(s_method);
        if (bio == 0)
            throw new InvalidOperationException("OpenSSL is out of memory");
        _self = new(this);
        LibCrypto.BIO_set_data(bio, GCHandle<DatagramBio>.ToIntPtr(_self));
        LibCrypto.BIO_set_init(bio, 1);
        LibSsl.SSL_set_bio(ssl, bio, bio); // the SSL owns it from here
        LibSsl.DTLS_set_timer_cb(ssl, &StartTimer);
    }

    public static delegate* unmanaged<nint, nint, int> VerifyCallback => &VerifyCertificate;

    /// <summary>The datagram that the next read gets. One that libssl did not ask for is replaced.</summary>
    public void Offer(ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_incoming);
        _incomingLength = datagram.Length;
        _isMuted = false;
    }

    /// <summary>Only after the SSL is freed: until then libssl may call.</summary>
    public void Dispose() => _self.Dispose();

    /// <summary>One method for the whole process, which lives as long as it.</summary>
    private static nint CreateMethod()
    {
        var method = LibCrypto.BIO_meth_new(LibCrypto.BIO_get_new_index() | LibCrypto.BioTypeSourceSink, "edgecam datagram");
        if (method == 0)
            throw new InvalidOperationException("OpenSSL is out of memory");
        _ = LibCrypto.BIO_meth_set_read(method, &Read);
        _ = LibCrypto.BIO_meth_set_write(method, &Write);
        _ = LibCrypto.BIO_meth_set_ctrl(method, &Control);
        return method;
    }

    private static DatagramBio From(nint bio) => GCHandle<DatagramBio>.FromIntPtr(LibCrypto.BIO_get_data(bio)).Target;

    [UnmanagedCallersOnly]
    private static int Read(nint bio, byte* buffer, int length)
    {
        var self = From(bio);
        self._isMuted = false;
        LibCrypto.BIO_clear_flags(bio, RetryFlags);
        if (self._incomingLength == 0 || length <= 0)
        {
            LibCrypto.BIO_set_flags(bio, LibCrypto.BioFlagRead | LibCrypto.BioFlagShouldRetry);
            return -1;
        }

        var taken = Math.Min(length, self._incomingLength); // the rest is lost, as recv() on a socket would do it
        self._incoming.AsSpan(0, taken).CopyTo(new Span<byte>(buffer, taken));
        self._incomingLength = 0;
        return taken;
    }

    [UnmanagedCallersOnly]
    private static int Write(nint bio, byte* buffer, int length)
    {
        LibCrypto.BIO_clear_flags(bio, RetryFlags);
        var self = From(bio);
        if (length > 0 && !self._isMuted)
            self._owner.Transmit(new ReadOnlySpan<byte>(buffer, length));
        return length;
    }

    [UnmanagedCallersOnly]
    private static nint Control(nint bio, int command, nint argument, void* pointer) => command switch
    {
        LibCrypto.BioControlFlush => 1,
        LibCrypto.BioControlDatagramQueryMtu or LibCrypto.BioControlDatagramGetMtu or LibCrypto.BioControlDatagramGetFallbackMtu =>
            From(bio)._mtu,
        LibCrypto.BioControlDatagramSetMtu => argument,
        LibCrypto.BioControlDatagramGetMtuOverhead => IpAndUdpOverhead,
        _ => 0, // not at end of file, nothing pending, no kernel TLS
    };

    [UnmanagedCallersOnly]
    private static uint StartTimer(nint ssl, uint previous)
    {
        var self = From(LibSsl.SSL_get_rbio(ssl));
        var interval = self._owner.StartTimer(isRetransmission: previous != 0, out var isWanted);
        self._isMuted = !isWanted;
        return (uint)interval.TotalMicroseconds;
    }

    /// <summary>Stands in for the verification of a chain: WebRTC's certificates are self-signed, the fingerprint decides (RFC 5763 §5).</summary>
    [UnmanagedCallersOnly]
    private static int VerifyCertificate(nint storeContext, nint argument)
    {
        var ssl = LibCrypto.X509_STORE_CTX_get_ex_data(storeContext, s_sslIndex);
        var certificate = LibCrypto.X509_STORE_CTX_get0_cert(storeContext);
        if (ssl != 0 && certificate != 0 && IsAccepted(From(LibSsl.SSL_get_rbio(ssl))._owner, certificate))
            return 1;

        LibCrypto.X509_STORE_CTX_set_error(storeContext, LibCrypto.CertificateRejected);
        return 0;
    }

    private static bool IsAccepted(ISslOwner owner, nint certificate)
    {
        var length = LibCrypto.i2d_X509(certificate, null);
        if (length <= 0)
            return false;
        var encoded = new byte[length];
        fixed (byte* start = encoded)
        {
            var end = start; // i2d moves it behind what it wrote
            return LibCrypto.i2d_X509(certificate, &end) == length && owner.AcceptsCertificate(encoded);
        }
    }

    private const int RetryFlags =
        LibCrypto.BioFlagRead | LibCrypto.BioFlagWrite | LibCrypto.BioFlagIoSpecial | LibCrypto.BioFlagShouldRetry;
}
