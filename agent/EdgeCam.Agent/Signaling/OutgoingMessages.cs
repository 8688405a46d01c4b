using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>The messages to a viewer.</summary>
internal static class OutgoingMessages
{
    private static readonly string[] s_capabilities = ["h264", "trickle", "edgecam.control.v1"];

    /// <param name="grant">Null for a viewer that presented no valid token.</param>
    public static byte[] Welcome(long seq, DeviceIntroduction device, SessionAccess access, IceServerGrant? grant) => JsonSerializer.SerializeToUtf8Bytes(
        new WelcomeMessage(1, "welcome", seq, device.Device, device.Name, device.Version, access.Now, access.Identity, access.Word, device.Cameras, s_capabilities, grant?.Servers, Seconds(grant)),
        SignalingJson.Default.WelcomeMessage);

    /// <param name="re">The offer's own number: a viewer may have made another offer meanwhile.</param>
    /// <param name="grant">Null where the viewer has its ICE servers already.</param>
    /// <param name="signature">Of the device, over both certificates.</param>
    public static byte[] Answer(long seq, long re, string sdp, string signature, PublicJwk identity, IceServerGrant? grant) => JsonSerializer.SerializeToUtf8Bytes(
        new AnswerMessage(1, "answer", seq, re, sdp, signature, identity, grant?.Servers, Seconds(grant)), SignalingJson.Default.AnswerMessage);

    public static byte[] IceServers(long seq, IceServerGrant grant) => JsonSerializer.SerializeToUtf8Bytes(
        new IceServersMessage(1, "ice-servers", seq, grant.Servers, Seconds(grant)), SignalingJson.Default.IceServersMessage);

    public static byte[] Candidate(long seq, string candidate) =>
        JsonSerializer.SerializeToUtf8Bytes(new CandidateMessage(1, "candidate", seq, candidate), SignalingJson.Default.CandidateMessage);

    public static byte[] Restart(long seq, string reason) =>
        JsonSerializer.SerializeToUtf8Bytes(new RestartMessage(1, "restart", seq, reason), SignalingJson.Default.RestartMessage);

    /// <param name="cause">Where the viewer's access ended: why, so that its page has words of its own for it.</param>
    public static byte[] Bye(long seq, string reason, AccessRefusal cause = AccessRefusal.None) =>
        JsonSerializer.SerializeToUtf8Bytes(new ByeMessage(1, "bye", seq, reason, cause == AccessRefusal.None ? null : cause.Word()), SignalingJson.Default.ByeMessage);

    /// <param name="re">The number of the offer that it is about; null where it is about none.</param>
    public static byte[] Error(long seq, long? re, int code, string message) =>
        JsonSerializer.SerializeToUtf8Bytes(new ErrorMessage(1, "error", seq, re, code, message), SignalingJson.Default.ErrorMessage);

    /// <summary>A span, since the viewer's clock may be wrong.</summary>
    private static long? Seconds(IceServerGrant? grant) => grant?.Lifetime is { } lifetime ? (long)lifetime.TotalSeconds : null;

    internal sealed record WelcomeMessage(
        int V, string Type, long Seq, string Device, string Name, string Version, long Time, PublicJwk Identity, string Access, IReadOnlyList<CameraReport> Cameras,
        IReadOnlyList<string> Capabilities, IReadOnlyList<IceServer>? IceServers, long? IceServersExpireInSeconds);

    internal sealed record AnswerMessage(
        int V, string Type, long Seq, long Re, string Sdp, string Signature, PublicJwk Identity, IReadOnlyList<IceServer>? IceServers, long? IceServersExpireInSeconds);

    internal sealed record IceServersMessage(int V, string Type, long Seq, IReadOnlyList<IceServer> IceServers, long? IceServersExpireInSeconds);

    internal sealed record CandidateMessage(int V, string Type, long Seq, string Candidate);

    internal sealed record RestartMessage(int V, string Type, long Seq, string Reason);

    internal sealed record ByeMessage(int V, string Type, long Seq, string Reason, string? Cause);

    internal sealed record ErrorMessage(int V, string Type, long Seq, long? Re, int Code, string Message);
}
