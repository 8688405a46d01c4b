namespace EdgeCam.WebRtc.Srtp.Interop;

/// <summary>A cipher context that has its key for life; each packet brings an initialization vector only.</summary>
/// <remarks>The raw pointer saves two interlocked operations a call; <see cref="GC.KeepAlive"/> holds the handle meanwhile.</remarks>
internal abstract unsafe class CipherContext : IDisposable
{
    private readonly CipherContextHandle _handle;

    protected CipherContext(nint cipher, ReadOnlySpan<byte> key, bool isEncryption)
    {
        _handle = LibCrypto.EVP_CIPHER_CTX_new();
        if (_handle.IsInvalid)
            throw new InvalidOperationException("OpenSSL is out of memory");
        fixed (byte* keyPointer = key)
            Check(LibCrypto.EVP_CipherInit_ex2(Context, cipher, keyPointer, null, isEncryption ? 1 : 0, 0));
    }

    private protected nint Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _handle.DangerousGetHandle();
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Fetched once for the process: a lookup by name for each context would take longer than its key schedule.</summary>
    private protected static nint Fetch(string algorithm)
    {
        var cipher = LibCrypto.EVP_CIPHER_fetch(0, algorithm, null);
        return cipher != 0 ? cipher : throw new InvalidOperationException($"libcrypto has no {algorithm}");
    }

    /// <summary>These calls fail on wrong use alone, which is our own bug.</summary>
    private protected static void Check(int result)
    {
        if (result != 1)
            throw new InvalidOperationException("libcrypto refused a cipher operation");
    }
}
