using System.Net;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Management;

/// <summary>Takes IP addresses out of a text that people pass on; loopback stays, for it tells nothing of anybody.</summary>
internal static partial class AddressMask
{
    public static string Hide(string text) => Candidate().Replace(text, static match =>
    {
        var word = match.Value.TrimEnd('.', ':');
        var isAddress = word.Count(static letter => letter == '.') == 3 || word.Count(static letter => letter == ':') >= 2;
        return isAddress && IPAddress.TryParse(word, out var address) && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? "(address)" + match.Value[word.Length..]
            : match.Value;
    });

    /// <summary>Words of digits with dots, or of hexadecimal digits with colons; which of them are addresses is asked elsewhere.</summary>
    [GeneratedRegex(@"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w)|(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:[0-9.]*)")]
    private static partial Regex Candidate();
}
