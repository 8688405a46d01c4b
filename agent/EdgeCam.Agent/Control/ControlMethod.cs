using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>A method, as <c>device.methods</c> lists it.</summary>
/// <param name="Scope">What a caller needs; a line or preset may ask for more.</param>
/// <param name="IsFast">May come by <c>control-fast</c>, too.</param>
internal sealed record ControlMethod(
    string Name, AccessScope Scope, string Description, IReadOnlyList<ControlParameter> Parameters, ControlHandler Handler, bool IsFast = false)
{
    /// <summary>One that is done when it returns.</summary>
    public static ControlMethod Immediate(string name, AccessScope scope, string description, IReadOnlyList<ControlParameter> parameters, Func<ControlCall, ControlError?> handler) =>
        new(name, scope, description, parameters, call => ValueTask.FromResult(handler(call)));
}
