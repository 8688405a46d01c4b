using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>What devices and groups are called where tokens are made out to them: 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit.</summary>
internal static partial class AudienceName
{
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex Pattern();
}
