namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>How a driver wants its head moved.</summary>
/// <param name="Kind">Defaults of the axes go by it.</param>
/// <param name="ByVelocity">It is told speeds; otherwise positions, which it has as soon as it is told.</param>
/// <param name="IsMeasured">The head tells where it is.</param>
/// <param name="LagSeconds">From a speed being told to its being in force.</param>
/// <param name="AgeSeconds">How old a position is when it has been told.</param>
/// <param name="Step">The least speed other than 0, as a fraction of the top speed, by axis.</param>
internal sealed record PtzDriverTraits(
    PtzDriverKind Kind, bool ByVelocity = false, bool IsMeasured = false, double LagSeconds = 0, double AgeSeconds = 0, PtzVector Step = default);
