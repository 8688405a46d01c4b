using System.Text;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>A small text from a client.</summary>
internal static class RequestBody
{
    public const int Max = 64 * 1024;

    /// <summary>The text, or null where it is too large.</summary>
    public static async Task<string?> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentLength > Max)
            return null;
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, stop)) > 0)
        {
            if (buffer.Length + read > Max)
                return null;
            buffer.Write(chunk, 0, read);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static bool Is(HttpRequest request, string mediaType) =>
        request.ContentType is { } type && type.Split(';')[0].Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
}
