namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// A version that has to prove itself: it is in effect while the link to what runs leads to it. It ends confirmed, or rolled back after
/// <see cref="MaxStarts"/> starts or five minutes.
/// </summary>
/// <param name="Id">Of the request.</param>
/// <param name="Previous">What is gone back to: a version below /opt/edgecam, or <see cref="ProgramLink.Package"/>.</param>
/// <param name="Starts">How often it was started so far.</param>
/// <param name="RollbackIndex">Of its manifest: the device's own once it is confirmed.</param>
/// <param name="Broker">As in the request.</param>
/// <param name="Cameras">As in the request.</param>
/// <param name="Failure">Why it is being rolled back; null while it is not.</param>
internal sealed record UpdateTrial(
    string Id, string Version, string Previous, int Starts, long RollbackIndex, bool Broker, IReadOnlyList<string> Cameras, UpdateRefusal? Failure = null)
{
    public const int MaxStarts = 3;
}
