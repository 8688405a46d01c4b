namespace EdgeCam.Agent.Streaming;

/// <summary>The words of <see cref="StreamChoice"/> in <c>camera.select</c>.</summary>
internal static class StreamChoices
{
    public static readonly IReadOnlyList<string> Words = ["auto", "main", "sub"];

    public static string Word(this StreamChoice choice) => Words[(int)choice];

    /// <param name="word">One of <see cref="Words"/>; null: auto.</param>
    public static StreamChoice Parse(string? word) => word switch
    {
        "main" => StreamChoice.Main,
        "sub" => StreamChoice.Substream,
        _ => StreamChoice.Auto,
    };
}
