namespace EdgeCam.Agent.Signaling;

/// <summary>An answer, or a refusal with a code as in HTTP and a sentence for people.</summary>
internal sealed record ViewerAnswer
{
    private ViewerAnswer(string? sdp, int code, string message) => (Sdp, Code, Message) = (sdp, code, message);

    public string? Sdp { get; }

    public int Code { get; }

    public string Message { get; }

    public static ViewerAnswer Accept(string sdp) => new(sdp, 0, "");

    /// <param name="code">400 401 403 404 408 413 429 480 503.</param>
    public static ViewerAnswer Refuse(int code, string message) => new(null, code, message);
}
