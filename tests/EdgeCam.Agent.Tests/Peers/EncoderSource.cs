using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>A camera that gives nothing by itself, and remembers what is asked of its encoder.</summary>
/// <param name="second">Its substream's.</param>
/// <param name="isLive">Its encoder follows what it is asked.</param>
internal sealed class EncoderSource(EncoderSource? second, bool isLive = true) : ICameraSource
{
    private readonly TaskCompletionSource _end = new();

    public EncoderSource? Second => second;

    public ICameraSource? Substream => second;

    public bool GivesSubstream { get; set; } = second is not null;

    public bool HasLiveBitrate => isLive;

    /// <summary>Each that is another one than before.</summary>
    public List<long> Bitrates { get; } = [];

    public int KeyFrames { get; private set; }

    public bool IsWanted { get; private set; }

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => _end.Task;

    public bool RequestKeyFrame()
    {
        KeyFrames++;
        return isLive;
    }

    public void SetBitrate(long bitsPerSecond)
    {
        if (Bitrates.Count == 0 || Bitrates[^1] != bitsPerSecond)
            Bitrates.Add(bitsPerSecond);
    }

    public void SetWanted(bool isWanted) => IsWanted = isWanted;
}
