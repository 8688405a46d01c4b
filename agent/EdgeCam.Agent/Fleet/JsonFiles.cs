using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary>JSON objects that an operator gives, in the command line or a file.</summary>
internal static class JsonFiles
{
    private const int MaxSize = 64 * 1024; // of what a device takes in one message

    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    /// <summary>What the text holds, or the file; null: neither is there.</summary>
    /// <exception cref="FleetException">It is no JSON object. No word of it has anything of what stands there.</exception>
    public static JsonObject? Object(string? text, string? file, string option)
    {
        if (text is null && file is null)
            return null;
        var where = file is null ? "what is given" : $"{option}: {file}";
        try
        {
            return JsonNode.Parse(text ?? Read(file!, option), documentOptions: s_options) as JsonObject ?? throw FleetException.File($"{where} is no JSON object {{…}}.");
        }
        catch (JsonException mistake)
        {
            throw FleetException.File($"{where} is no JSON (line {mistake.LineNumber + 1}, byte {mistake.BytePositionInLine + 1}).");
        }
    }

    /// <summary>A file with nothing secret in it, or whose keeper knows.</summary>
    public static string Read(string file, string option)
    {
        try
        {
            if (new FileInfo(file).Length > MaxSize)
                throw FleetException.File($"{option}: {file} is larger than {MaxSize / 1024} KiB. Is it another file?");
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FleetException.File($"{option}: {file} cannot be read ({failure.Message}).");
        }
    }
}
