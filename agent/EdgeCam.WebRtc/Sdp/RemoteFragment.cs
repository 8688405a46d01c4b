using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>The peer's side of an ICE restart that we began: what a PATCH is answered with (RFC 8840 §9, RFC 9725 §4.3.3).</summary>
/// <param name="EndOfCandidates">It says so, or does not trickle and has given some.</param>
internal sealed record RemoteFragment(IceCredentials Credentials, IReadOnlyList<Candidate> Candidates, bool EndOfCandidates)
{
    private const int MaxLength = 16_384;
    private const int MaxCandidates = 64;

    /// <returns>False where it is too long or has no usable credentials; lines of no use are left out.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteFragment? fragment)
    {
        fragment = null;
        if (text.Length > MaxLength)
            return false;
        var attributes = new LevelAttributes();
        var candidates = new List<Candidate>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith("a="))
                continue;
            var value = line[2..].TrimEnd();
            var colon = value.IndexOf(':');
            var name = colon < 0 ? value : value[..colon];
            var content = colon < 0 ? default : value[(colon + 1)..].Trim();
            if (name is not "candidate")
                attributes.TryHandle(name, content);
            else if (candidates.Count < MaxCandidates && Candidate.TryParse(value.ToString(), out var candidate) && candidate is { IsUdp: true, Component: 1 })
                candidates.Add(candidate);
        }

        if (attributes is not { UsernameFragment: { } user, Password: { } password })
            return false;
        fragment = new(new(user, password), candidates, attributes.EndOfCandidates || (!attributes.Trickles && candidates.Count > 0));
        return true;
    }
}
