using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>One DTLS association in libssl. Each call starts with an empty error queue, so that an old error is never read as a new one.</summary>
internal sealed unsafe class SslConnection : IDisposable
{
    private readonly SslHandle _ssl;
    private readonly DatagramBio _bio;

    public SslConnection(SslContextHandle context, bool isClient, int mtu, ISslOwner owner)
    {
        _ssl = LibSsl.SSL_new(context);
        if (_ssl.IsInvalid)
            throw new InvalidOperationException("OpenSSL is out of memory");
        _bio = new(_ssl, mtu, owner);
        _ = LibSsl.SSL_ctrl(_ssl, LibSsl.ControlSetMtu, mtu, null);
        if (isClient)
            LibSsl.SSL_set_connect_state(_ssl);
        else
            LibSsl.SSL_set_accept_state(_ssl);
    }

    /// <summary>Why the last call failed, in libssl's words.</summary>
    public string Error { get; private set; } = "";

    /// <summary>The protection profile that both sides chose, or null (RFC 5764 §4.1.1).</summary>
    public SrtpProfile? SelectedProfile
    {
        get
        {
            var profile = LibSsl.SSL_get_selected_srtp_profile(_ssl);
            return profile is null ? null : (SrtpProfile)profile->Id;
        }
    }

    /// <summary>What is left on libssl's retransmission timer by the wall clock; null where it does not run.</summary>
    public TimeSpan? TimerLeft
    {
        get
        {
            LibSsl.TimeValue left;
            return LibSsl.SSL_ctrl(_ssl, LibSsl.ControlDtlsGetTimeout, 0, &left) == 1
                ? TimeSpan.FromSeconds(left.Seconds) + TimeSpan.FromMicroseconds(left.Microseconds)
                : null;
        }
    }

    public void Offer(ReadOnlySpan<byte> datagram) => _bio.Offer(datagram);

    public SslOutcome Handshake()
    {
        LibCrypto.ERR_clear_error();
        return OutcomeOf(LibSsl.SSL_do_handshake(_ssl));
    }

    public SslOutcome Read(Span<byte> buffer, out int length)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* pointer = buffer)
            length = LibSsl.SSL_read(_ssl, pointer, buffer.Length);
        return OutcomeOf(length);
    }

    public SslOutcome Write(ReadOnlySpan<byte> data)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* pointer = data)
            return OutcomeOf(LibSsl.SSL_write(_ssl, pointer, data.Length));
    }

    /// <summary>Writes close_notify.</summary>
    public void Shutdown()
    {
        LibCrypto.ERR_clear_error();
        _ = LibSsl.SSL_shutdown(_ssl);
    }

    /// <summary>Retransmits the last flight if libssl's timer has expired.</summary>
    public SslOutcome HandleTimeout()
    {
        LibCrypto.ERR_clear_error();
        var result = (int)LibSsl.SSL_ctrl(_ssl, LibSsl.ControlDtlsHandleTimeout, 0, null);
        if (result >= 0)
            return result == 0 ? SslOutcome.WantsInput : SslOutcome.Done;
        Error = LibCrypto.TakeError();
        return SslOutcome.Failed;
    }

    /// <summary>RFC 5705, without a context value.</summary>
    public bool TryExport(ReadOnlySpan<byte> label, Span<byte> output)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* labelPointer = label, outputPointer = output)
        {
            return LibSsl.SSL_export_keying_material(
                _ssl, outputPointer, (nuint)output.Length, labelPointer, (nuint)label.Length, null, 0, 0) == 1;
        }
    }

    public void Dispose()
    {
        _ssl.Dispose();
        _bio.Dispose();
    }

    private SslOutcome OutcomeOf(int result)
    {
        if (result > 0)
            return SslOutcome.Done;
        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.ErrorWantRead:
            case LibSsl.ErrorWantWrite:
                return SslOutcome.WantsInput;
            case LibSsl.ErrorZeroReturn:
                return SslOutcome.Closed;
            default:
                Error = LibCrypto.TakeError();
                return SslOutcome.Failed;
        }
    }
}
