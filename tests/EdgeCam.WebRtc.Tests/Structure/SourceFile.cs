using System.Text.RegularExpressions;

namespace EdgeCam.WebRtc.Tests.Structure;

/// <summary>One C# file of a project: where it lies, and its text without comments and strings.</summary>
internal sealed partial record SourceFile(string Path, string Code)
{
    public string[] Parts { get; } = Path.Split('/');

    /// <summary><c>EdgeCam.WebRtc</c> in <c>agent/EdgeCam.WebRtc/Ice/IceAgent.cs</c>.</summary>
    public string Project => Parts[1];

    /// <summary><c>Ice</c> in the same; empty for a file directly in the project.</summary>
    public string Folder => Parts.Length > 3 ? Parts[2] : "";

    /// <summary>The type that a file is named after: <c>OpenSsl</c> in <c>OpenSsl.Handles.cs</c>.</summary>
    public string TypeName => Parts[^1].Split('.')[0];

    public static SourceFile From(string path, string text) => new(path, CommentOrString().Replace(text, " "));

    public string? Namespace => NamespaceLine().Match(Code) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Every dotted name: of using lines, aliases and qualified mentions alike.</summary>
    public IEnumerable<string> DottedNames => DottedName().Matches(Code).Select(match => match.Value).Distinct();

    public bool Mentions(string identifier) => Regex.IsMatch(Code, $@"(?<![\w.]){identifier}\b");

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"{3,}.*?"{3,}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)+")]
    private static partial Regex DottedName();
}
