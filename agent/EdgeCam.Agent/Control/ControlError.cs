using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>A JSON-RPC 2.0 error (§5.1). Its own codes lie in the range that JSON-RPC leaves to servers.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it, where that is anything.</param>
/// <param name="Scope">The scope that is missing.</param>
/// <param name="Holder">Who holds control.</param>
/// <param name="ExpiresIn">Milliseconds until that ends by itself.</param>
/// <param name="Revision">Of the settings in force.</param>
/// <param name="Mistakes">All that is wrong with settings.</param>
internal sealed record ControlError(
    int Code, string Message, string? Remedy = null, string? Scope = null, string? Holder = null, long? ExpiresIn = null, string? Revision = null, IReadOnlyList<ErrorMistake>? Mistakes = null)
{
    public static readonly ControlError NotJson = new(-32700, "Parse error");
    public static readonly ControlError NotRequest = new(-32600, "Invalid Request");
    public static readonly ControlError NoSuchMethod = new(-32601, "Method not found", "device.methods lists them");
    public static readonly ControlError Fault = new(-32603, "Internal error", "The device's log has it");
    public static readonly ControlError NotFast = new(-32601, "Method not found: this channel carries only what device.methods says", "Use the channel control");
    public static readonly ControlError TooMany = new(-32029, "Too many requests", "Send fewer");
    public static readonly ControlError Expired = new(-32001, "Forbidden: the token has expired", "Renew it by session.renew, or ask for a new link");

    public static ControlError BadParameters(string why) => new(-32602, $"Invalid params: {why}");

    /// <param name="scope">One.</param>
    public static ControlError Forbidden(AccessScope scope) =>
        new(-32001, $"Forbidden: it needs the scope {AccessScopes.Word(scope)}", "Ask whoever runs the device for a link with that scope", AccessScopes.Word(scope));

    public static ControlError NotFound(string what) => new(-32002, $"Not found: {what}");

    public static ControlError Held(string holder, TimeSpan expiresIn) =>
        new(-32003, $"{holder} holds control", "Wait, or take over where that is allowed", Holder: holder, ExpiresIn: (long)expiresIn.TotalMilliseconds);

    /// <summary>The hardware does not do it now.</summary>
    public static ControlError Unavailable(string what, string remedy) => new(-32004, $"Unavailable: {what}", remedy);

    public static ControlError Interlocked(string rule) => new(-32005, $"Interlocked: {rule}");

    public static ControlError OutOfRange(string end) => new(-32006, $"Out of range: {end}");

    /// <summary>An update that is not taken.</summary>
    /// <param name="reason">For programs, a word.</param>
    public static ControlError Refused(string reason, string what, string remedy) => new(-32020, $"Refused ({reason}): {what}", remedy);
}
