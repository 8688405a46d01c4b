using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// A name for what is set, made of its content, as HTTP's entity tags are (RFC 9110 §8.8.3): 16 hexadecimal digits. Two writers who saw the
/// same settings name the same one, and no counter can be lost.
/// </summary>
internal static class SettingsRevision
{
    private const int Digits = 16;

    /// <param name="own">What the operator's file says.</param>
    /// <param name="remote">What was set remotely.</param>
    public static string Of(JsonObject own, JsonObject remote)
    {
        var text = new StringBuilder();
        Write(own, text);
        text.Append('\n');
        Write(remote, text);
        return Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content))[..Digits];

    /// <summary>The members in the order of their names, so that the order in which they were set does not count.</summary>
    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject section:
                text.Append('{');
                foreach (var (name, value) in section.OrderBy(static member => member.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonValue.Create(name).ToJsonString()).Append(':');
                    Write(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var element in list)
                {
                    Write(element, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
