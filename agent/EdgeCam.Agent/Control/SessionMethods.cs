using System.Buffers;
using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>
/// The namespace <c>session</c>: signaling over the data channel itself, so that a session outlives its broker. To the device
/// <c>session.offer {"sdp"}</c>, answered with <c>{"sdp"}</c>; both ways the notification <c>session.candidate {"candidate"}</c>; to the viewer
/// the notification <c>session.restart {"reason"}</c>.
/// </summary>
internal static class SessionMethods
{
    private const int MaxCandidate = 1024;

    public static IEnumerable<KeyValuePair<string, ControlMethod>> Create()
    {
        yield return new("session.offer", (parameters, caller, result) =>
        {
            if (caller.Session is not { } session)
                return ControlError.BadParameters("only a viewer's own data channel carries it");
            if (!TryGetText(parameters, "sdp", out var sdp))
                return ControlError.BadParameters("session.offer takes {\"sdp\": text}");
            var (answer, problem) = session.HandleOffer(sdp);
            if (answer is null)
                return ControlError.BadParameters(problem);
            result.WriteStartObject();
            result.WriteString("sdp", answer);
            result.WriteEndObject();
            return null;
        });
        yield return new("session.candidate", (parameters, caller, _) =>
        {
            if (caller.Session is not { } session)
                return ControlError.BadParameters("only a viewer's own data channel carries it");
            if (!TryGetText(parameters, "candidate", out var candidate) || candidate.Length > MaxCandidate)
                return ControlError.BadParameters("session.candidate takes {\"candidate\": text}");
            session.AddCandidate(candidate);
            return null;
        });
    }

    public static byte[] Candidate(string candidate) => Notification("session.candidate", "candidate", candidate);

    public static byte[] Restart(string reason) => Notification("session.restart", "reason", reason);

    private static bool TryGetText(JsonElement parameters, string name, out string text)
    {
        text = "";
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return false;
        text = value.GetString()!;
        return true;
    }

    private static byte[] Notification(string method, string name, string value)
    {
        var message = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(message);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteString("method", method);
        writer.WriteStartObject("params");
        writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return message.WrittenSpan.ToArray();
    }
}
