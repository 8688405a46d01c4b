using System.Security.Cryptography;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// The system's cryptographic generator, as the engine takes it. The engine asks for a few bytes at a time, and each call of the generator costs as much as a
/// packet: what it gives is kept in store. No byte is given twice, nor left in memory once given.
/// </summary>
internal sealed class SystemRandom : RandomSource
{
    private readonly Lock _gate = new();
    private readonly byte[] _store = new byte[512];
    private int _left;

    public override void Fill(Span<byte> destination)
    {
        if (destination.Length > _store.Length / 4)
        {
            RandomNumberGenerator.Fill(destination);
            return;
        }

        lock (_gate)
        {
            if (_left < destination.Length)
            {
                RandomNumberGenerator.Fill(_store);
                _left = _store.Length;
            }

            var bytes = _store.AsSpan(_left - destination.Length, destination.Length);
            bytes.CopyTo(destination);
            CryptographicOperations.ZeroMemory(bytes);
            _left -= bytes.Length;
        }
    }
}
