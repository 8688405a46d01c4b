namespace EdgeCam.Agent.Http;

/// <summary>An answer or a fragment of one, or a refusal with a signaling code and a sentence for people.</summary>
internal sealed record WhepAnswer
{
    private WhepAnswer(string? sdp, int code, string message) => (Sdp, Code, Message) = (sdp, code, message);

    public string? Sdp { get; }

    public int Code { get; }

    public string Message { get; }

    public static WhepAnswer Accept(string sdp) => new(sdp, 0, "");

    /// <param name="code">400 403 404 408 409 429 480 503.</param>
    public static WhepAnswer Refuse(int code, string message) => new(null, code, message);
}
