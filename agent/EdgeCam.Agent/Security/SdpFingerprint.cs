namespace EdgeCam.Agent.Security;

/// <summary>The certificate that a session description stands for: what a proof and a signature are over.</summary>
internal static class SdpFingerprint
{
    private const string Attribute = "a=fingerprint:";

    /// <summary>
    /// The value of <c>a=fingerprint</c> as it stands there. Null where there is none; and where two differ, for the engine would take
    /// either certificate, and the proof covers one.
    /// </summary>
    public static string? Of(string sdp)
    {
        string? found = null;
        foreach (var line in sdp.AsSpan().EnumerateLines()) // the line ends that the engine's reader knows
        {
            var text = line.Trim();
            if (!text.StartsWith(Attribute, StringComparison.OrdinalIgnoreCase))
                continue;
            var value = text[Attribute.Length..].Trim();
            if (found is not null && !value.SequenceEqual(found))
                return null;
            found ??= value.ToString();
        }

        return found;
    }
}
