namespace EdgeCam.WebRtc.Primitives;

/// <summary>One side's short-term credential for connectivity checks (RFC 8445 §5.3).</summary>
public readonly record struct IceCredentials(string UsernameFragment, string Password)
{
    /// <summary>47 bits of username fragment, 142 of password: more than the 24 and 128 that RFC 8445 §5.3 asks for.</summary>
    public static IceCredentials Create(RandomSource random) => new(random.NextIceString(8), random.NextIceString(24));

    public override string ToString() => UsernameFragment; // the password stays out of logs
}
