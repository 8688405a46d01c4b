using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent;

/// <summary>What the operations look at, which is made after them.</summary>
/// <param name="Board">The newest sample.</param>
/// <param name="Broker">A word, as in <c>/healthz</c>.</param>
/// <param name="Outputs">Null: none is configured.</param>
/// <param name="Status">What the status topic holds; null or empty where there is none yet.</param>
internal sealed record OperationsSources(Func<IMediaPlane?> Media, Func<BoardHealth> Board, Func<string> Broker, Func<byte[]?> Status, Func<IReadOnlyList<OutputReport>?> Outputs);
