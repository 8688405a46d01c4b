using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>
/// The namespace <c>session</c>: signaling over the data channel itself, so that a session outlives its broker. Both ways the notification
/// <c>session.candidate {"candidate"}</c>; to the viewer the notification <c>session.restart {"reason"}</c>.
/// </summary>
internal static class SessionMethods
{
    private const int MaxSdp = 64 * 1024;
    private const int MaxCandidate = 1024;

    public static IEnumerable<ControlMethod> Create()
    {
        yield return ControlMethod.Immediate(
            "session.offer", AccessScope.View, "Answers a further offer of this session, which restarts ICE.",
            [new("sdp", ParameterKind.Text, "The offer.", IsRequired: true, Maximum: MaxSdp)],
            call =>
            {
                if (call.Caller.Session is not { } session)
                    return ControlError.BadParameters("only a viewer's own data channel carries it");
                var (answer, problem) = session.HandleOffer(call.Arguments.Text("sdp")!);
                if (answer is null)
                    return ControlError.BadParameters(problem);
                call.Result.WriteStartObject();
                call.Result.WriteString("sdp", answer);
                call.Result.WriteEndObject();
                return null;
            });
        yield return ControlMethod.Immediate(
            "session.candidate", AccessScope.View, "Takes a trickled candidate of this session; an empty one ends them.",
            [new("candidate", ParameterKind.Text, "As in RFC 8839, without a=.", IsRequired: true, Maximum: MaxCandidate)],
            call =>
            {
                if (call.Caller.Session is not { } session)
                    return ControlError.BadParameters("only a viewer's own data channel carries it");
                session.AddCandidate(call.Arguments.Text("candidate")!);
                return null;
            });
    }

    public static byte[] Candidate(string candidate) => Say("session.candidate", "candidate", candidate);

    public static byte[] Restart(string reason) => Say("session.restart", "reason", reason);

    private static byte[] Say(string method, string name, string value) => Notification.Create(method, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString(name, value);
        writer.WriteEndObject();
    });
}
