namespace EdgeCam.Agent.Recording;

/// <summary>A recorded file, as it is now.</summary>
/// <param name="Start">When its first picture was taken, by the device's clock.</param>
/// <param name="Bytes">On the disk so far: all of it plays.</param>
/// <param name="IsOpen">It is being written.</param>
internal sealed record Segment(SegmentId Id, DateTimeOffset Start, string Label, long Bytes, TimeSpan Duration, uint Pictures, bool IsOpen)
{
    public DateTimeOffset End => Start + Duration;
}
