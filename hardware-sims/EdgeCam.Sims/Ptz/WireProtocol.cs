namespace EdgeCam.Sims.Ptz;

/// <summary>What a head speaks on its serial line.</summary>
[Flags]
internal enum WireProtocol
{
    PelcoD = 1,
    Visca = 2,
    Both = PelcoD | Visca,
}
