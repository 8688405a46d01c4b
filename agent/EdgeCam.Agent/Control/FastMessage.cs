using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>What the <see cref="FastMailbox"/> has to know of a message before anybody takes it.</summary>
/// <param name="Camera">The head that it is about; empty where it names none.</param>
/// <param name="Sequence">Null: it has no number, and is as new as it comes.</param>
internal readonly record struct FastMessage(FastMessageKind Kind, string Camera = "", long? Sequence = null)
{
    private const int MaxLength = 4096;
    private const int MaxDepth = 16;

    private static readonly FastMessage s_other = new(FastMessageKind.Other);

    /// <summary>Never throws: what cannot be understood is <see cref="FastMessageKind.Other"/>, and found to be so where it is handled.</summary>
    public static FastMessage Peek(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxLength)
            return s_other;
        try
        {
            var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = MaxDepth });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Read(ref reader) : s_other;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return s_other;
        }
    }

    private static FastMessage Read(ref Utf8JsonReader reader)
    {
        var (kind, camera, sequence) = (FastMessageKind.Other, "", default(long?));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isMethod, isParameters) = (reader.ValueTextEquals("method"u8), reader.ValueTextEquals("params"u8));
            reader.Read();
            if (isMethod && reader.TokenType == JsonTokenType.String)
                kind = Kinds(ref reader);
            else if (isParameters && reader.TokenType == JsonTokenType.StartObject)
                (camera, sequence) = ReadParameters(ref reader);
            else
                reader.Skip();
        }

        return new(kind, camera, sequence);
    }

    private static FastMessageKind Kinds(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ptz.continuousMove"u8) ? FastMessageKind.Move
        : reader.ValueTextEquals("ptz.alive"u8) ? FastMessageKind.Alive
        : reader.ValueTextEquals("ptz.stop"u8) ? FastMessageKind.Stop
        : FastMessageKind.Other;

    private static (string Camera, long? Sequence) ReadParameters(ref Utf8JsonReader reader)
    {
        var (camera, sequence) = ("", default(long?));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isCamera, isSequence) = (reader.ValueTextEquals("camera"u8), reader.ValueTextEquals("seq"u8));
            reader.Read();
            if (isCamera && reader.TokenType == JsonTokenType.String)
                camera = reader.GetString()!;
            else if (isSequence && reader.TokenType == JsonTokenType.Number)
                sequence = reader.TryGetInt64(out var number) ? number : null;
            else
                reader.Skip();
        }

        return (camera, sequence);
    }
}
