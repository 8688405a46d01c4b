namespace EdgeCam.Agent.Control;

/// <summary>A JSON-RPC 2.0 error (§5.1).</summary>
internal sealed record ControlError(int Code, string Message)
{
    public static readonly ControlError NotJson = new(-32700, "Parse error");
    public static readonly ControlError NotRequest = new(-32600, "Invalid Request");
    public static readonly ControlError NoSuchMethod = new(-32601, "Method not found");
    public static readonly ControlError Fault = new(-32603, "Internal error");

    public static ControlError BadParameters(string why) => new(-32602, $"Invalid params: {why}");
}
