using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Configuration;

/// <summary>One of a few words; null is left to <see cref="RequiredAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] words) : ValidationAttribute
{
    public IReadOnlyList<string> Words => words;

    public override bool IsValid(object? value) => value is null || (value is string text && words.Contains(text, StringComparer.Ordinal));

    public override string FormatErrorMessage(string name) =>
        words.Length < 2 ? $"{name} must be {words[0]}" : $"{name} must be {string.Join(", ", words[..^1])} or {words[^1]}";
}
