using System.Text;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Our side of an ICE restart as a trickle ICE fragment (RFC 8840 §9), which is what WHEP answers a PATCH with (RFC 9725 §4.3.3).</summary>
internal static class AnswerFragment
{
    public static string Write(Negotiated session, AnswerOptions options)
    {
        var text = new StringBuilder(512);
        text.Append("a=ice-options:trickle\r\n");
        if (session.Bundle.Count > 0)
            text.Append($"a=group:BUNDLE {string.Join(' ', session.Bundle)}\r\n");
        text.Append($"{session.Transport.Section}\r\n");
        if (session.Transport.Mid.Length > 0)
            text.Append($"a=mid:{session.Transport.Mid}\r\n");
        text.Append($"a=ice-ufrag:{options.Credentials.UsernameFragment}\r\na=ice-pwd:{options.Credentials.Password}\r\n");
        foreach (var candidate in options.Candidates)
            text.Append($"a={candidate}\r\n");
        if (options.EndOfCandidates)
            text.Append("a=end-of-candidates\r\n");
        return text.ToString();
    }
}
