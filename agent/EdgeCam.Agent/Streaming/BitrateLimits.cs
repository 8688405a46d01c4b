namespace EdgeCam.Agent.Streaming;

/// <summary>Between which bitrates a camera's encoders may be set.</summary>
/// <param name="MostMain">What a viewer of the main stream gets at most.</param>
/// <param name="LeastMain">Below it the substream looks better. Without a substream there is no such limit.</param>
/// <param name="MostSubstream">Zero where there is no substream.</param>
internal sealed record BitrateLimits(long MostMain, long LeastMain, long MostSubstream)
{
    /// <summary>The least that gives a picture at all; whoever has less loses some.</summary>
    public const long Least = 60_000;

    public bool HasSubstream => MostSubstream > 0;
}
