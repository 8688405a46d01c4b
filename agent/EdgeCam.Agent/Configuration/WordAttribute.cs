using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Configuration;

/// <summary>
/// A name of few kinds of characters; null is left to <see cref="RequiredAttribute"/>. In place of a regular expression, whose interpreter is
/// a fortieth of the whole program.
/// </summary>
/// <param name="characters">As in a regular expression's brackets: <c>a-z0-9_-</c>; a dash that is meant stands at the end.</param>
/// <param name="most">How many at most; there is one at least.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordAttribute(string characters, int most) : ValidationAttribute
{
    public string Characters => characters;

    public int Most => most;

    /// <summary>What the first one must be of; null: the same.</summary>
    public string? First { get; set; }

    /// <summary>So many words may stand one after another, divided by '/'.</summary>
    public int Levels { get; set; } = 1;

    public override bool IsValid(object? value)
    {
        if (value is null)
            return true;
        if (value is not string text)
            return false;
        var words = Levels == 1 ? [text] : text.Split('/');
        return words.Length <= Levels && words.All(IsWord);
    }

    private bool IsWord(string word) =>
        word.Length >= 1 && word.Length <= most && Has(First ?? characters, word[0]) && word.All(character => Has(characters, character));

    private static bool Has(string kinds, char character)
    {
        for (var i = 0; i < kinds.Length; i++)
        {
            if (i + 2 < kinds.Length && kinds[i + 1] == '-')
            {
                if (character >= kinds[i] && character <= kinds[i + 2])
                    return true;
                i += 2;
            }
            else if (character == kinds[i])
            {
                return true;
            }
        }

        return false;
    }
}
