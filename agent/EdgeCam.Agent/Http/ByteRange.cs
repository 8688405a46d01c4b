using System.Globalization;

namespace EdgeCam.Agent.Http;

/// <summary>A part of a file that was asked for (RFC 9110 §14).</summary>
/// <remarks>Left out: more than one range in a request, which gets the whole, as §14.2 allows.</remarks>
/// <param name="IsPart">It was asked for, even where it is all there is.</param>
internal readonly record struct ByteRange(long Start, long Length, bool IsPart)
{
    private const string Unit = "bytes=";

    /// <param name="header">The value of Range; empty where there is none.</param>
    /// <returns>The part, the whole where the header is no range that we know, or null where the file has nothing of it (416).</returns>
    public static ByteRange? Of(string header, long size)
    {
        var whole = new ByteRange(0, size, IsPart: false);
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal))
            return whole;
        var ends = header[Unit.Length..].Split('-');
        if (ends is not [var from, var to])
            return whole;
        if (from.Length == 0) // the last so many
            return !TryParse(to, out var last) ? whole : last == 0 || size == 0 ? null : new(Math.Max(0, size - last), Math.Min(size, last), IsPart: true);
        long end = long.MaxValue;
        if (!TryParse(from, out var start) || (to.Length > 0 && (!TryParse(to, out end) || end < start)))
            return whole;
        return start >= size ? null : new(start, Math.Min(end, size - 1) - start + 1, IsPart: true);
    }

    private static bool TryParse(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
