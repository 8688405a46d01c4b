using System.Globalization;
using System.Text;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// What devices said, fit for a terminal: without the control characters by which one could be led to show, or do, something else (CWE-150), nor
/// those that turn the direction of writing around.
/// </summary>
internal static class PlainText
{
    /// <param name="max">Characters; what is longer ends with an ellipsis.</param>
    public static string Of(string? text, int max = int.MaxValue)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var plain = new StringBuilder(Math.Min(text.Length, max));
        foreach (var letter in text)
        {
            if (plain.Length >= max)
            {
                plain[^1] = '…';
                break;
            }

            plain.Append(IsPlain(letter) ? letter : letter is '\n' or '\t' ? ' ' : '�');
        }

        return plain.ToString();
    }

    private static bool IsPlain(char letter) => char.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
