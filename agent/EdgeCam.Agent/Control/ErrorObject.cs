namespace EdgeCam.Agent.Control;

/// <summary>An error as it is written (JSON-RPC 2.0 §5.1).</summary>
internal sealed record ErrorObject(int Code, string Message, ErrorObject.Details? Data)
{
    public static ErrorObject From(ControlError error) => new(
        error.Code, error.Message,
        (error.Remedy ?? error.Scope ?? error.Holder ?? error.Revision) is null && error.Mistakes is null
            ? null
            : new(error.Remedy, error.Scope, error.Holder, error.ExpiresIn, error.Revision, error.Mistakes));

    internal sealed record Details(string? Remedy, string? Scope, string? Holder, long? ExpiresIn, string? Revision, IReadOnlyList<ErrorMistake>? Mistakes);
}
