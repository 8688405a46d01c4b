using System.Security.Cryptography;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>The system's cryptographic generator, as the engine takes it.</summary>
internal sealed class SystemRandom : RandomSource
{
    public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
