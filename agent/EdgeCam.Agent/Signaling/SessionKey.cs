namespace EdgeCam.Agent.Signaling;

/// <summary>A session, as the viewer named it.</summary>
/// <param name="Client">The viewer's name at the broker, which the broker answers for.</param>
/// <param name="Session">Chosen by the viewer, so meaningful only together with the client.</param>
internal readonly record struct SessionKey(string Client, string Session)
{
    /// <summary>Unique among viewers: the way other parts of the agent name this one. A client's name has no slash.</summary>
    public override string ToString() => $"{Client}/{Session}";
}
