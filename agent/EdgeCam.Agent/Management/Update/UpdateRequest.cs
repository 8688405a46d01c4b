namespace EdgeCam.Agent.Management.Update;

/// <summary>What the agent asks of the helper, beside the archive and the manifest.</summary>
/// <param name="Id">Of this attempt, as results name it.</param>
/// <param name="Broker">The device had a broker: the new version must have one, too.</param>
/// <param name="Cameras">Those that gave pictures: they must give them again.</param>
internal sealed record UpdateRequest(string Id, bool Broker, IReadOnlyList<string>? Cameras)
{
    private const int MaxCameras = 32;
    private const int MaxText = 64;

    /// <summary>Written by somebody who is not believed, it is at least one.</summary>
    public bool IsGood =>
        Id is { Length: > 0 and <= MaxText } && Id.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
        && Cameras is not { Count: > MaxCameras } && Cameras?.All(static name => name is { Length: > 0 and <= MaxText }) != false;
}
