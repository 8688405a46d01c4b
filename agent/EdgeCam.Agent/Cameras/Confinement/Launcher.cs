using System.Globalization;

namespace EdgeCam.Agent.Cameras.Confinement;

/// <summary>How a program is started confined: by <c>edgecam confine</c>, which gives its rights away and becomes that program.</summary>
/// <param name="Path">Of edgecam; null where it is not to be found.</param>
internal sealed record Launcher(string? Path)
{
    private const string Name = "edgecam";

    /// <summary>This program, or, where another one hosts it (tests), the one beside it.</summary>
    public static Launcher This { get; } = new(Find());

    public static string Mistake => $"the program {Name} is not beside {AppContext.BaseDirectory}.";

    /// <summary>What stands in front of the program's own path and arguments.</summary>
    /// <param name="port">The one that it may connect to over TCP, besides that of DNS; null: it has no sockets.</param>
    public static IReadOnlyList<string> Arguments(int? port = null) =>
        port is { } number ? ["confine", "--tcp", number.ToString(CultureInfo.InvariantCulture), "--"] : ["confine", "--"];

    private static string? Find()
    {
        if (Environment.ProcessPath is { } own && System.IO.Path.GetFileName(own) == Name)
            return own;
        var beside = System.IO.Path.Combine(AppContext.BaseDirectory, Name);
        return File.Exists(beside) ? beside : null;
    }
}
