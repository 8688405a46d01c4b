using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Why a head does not do what it was asked to.</summary>
/// <param name="What">For people; empty where the kind says it all.</param>
/// <param name="Holder">Who holds control.</param>
/// <param name="ExpiresIn">Until that ends by itself.</param>
/// <param name="Scope">What is missing.</param>
internal sealed record PtzRefusal(
    PtzRefusalKind Kind, string What, string? Remedy = null, string? Holder = null, TimeSpan ExpiresIn = default, AccessScope Scope = AccessScope.None)
{
    public static PtzRefusal LetGo { get; } = new(PtzRefusalKind.LetGo, "The head was made safe; let go first", "Let go of the stick or key, then move again");

    public static PtzRefusal Bad(string what) => new(PtzRefusalKind.BadRequest, what);

    public static PtzRefusal NotFound(string what) => new(PtzRefusalKind.NotFound, what);

    public static PtzRefusal OutOfRange(string end) => new(PtzRefusalKind.OutOfRange, end);

    public static PtzRefusal Held(string holder, TimeSpan expiresIn) => new(PtzRefusalKind.Held, "", Holder: holder, ExpiresIn: expiresIn);

    public static PtzRefusal Unavailable(string what, string remedy) => new(PtzRefusalKind.Unavailable, what, remedy);

    public static PtzRefusal Forbidden(AccessScope scope) => new(PtzRefusalKind.Forbidden, "", Scope: scope);
}
