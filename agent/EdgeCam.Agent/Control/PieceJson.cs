using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>A file in answers, piece by piece: <c>offset</c>, <c>data</c> in base64, and whether it is the <c>last</c>.</summary>
internal static class PieceJson
{
    /// <summary>Bytes of a file in one answer: in base64 well below what a message may have.</summary>
    public const int MaxLength = 32 * 1024;

    public static readonly ControlParameter Offset = new("offset", ParameterKind.Integer, "Where the piece begins; 0 where it is left out.", Minimum: 0, Maximum: int.MaxValue, Unit: "By");

    /// <summary>The members alone: the object is begun and ended by who calls.</summary>
    public static void Write(Utf8JsonWriter writer, long offset, ReadOnlySpan<byte> piece, long size)
    {
        writer.WriteNumber("offset", offset);
        writer.WriteBase64String("data", piece);
        writer.WriteBoolean("last", offset + piece.Length == size);
    }

    /// <summary>As much of a whole file as an answer has room for.</summary>
    /// <param name="offset">Not beyond its end.</param>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> file, long offset) => file.Slice((int)offset, (int)Math.Min(MaxLength, file.Length - offset));
}
