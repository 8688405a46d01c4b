namespace EdgeCam.Agent.Cameras;

/// <summary>What other threads ask of an encoder; the camera's thread takes it before each picture.</summary>
internal sealed class EncoderControl(long bitrate)
{
    private long _bitrate = bitrate;
    private int _isKeyFrameWanted;
    private volatile bool _isWanted;

    public long Bitrate
    {
        get => Interlocked.Read(ref _bitrate);
        set => Interlocked.Exchange(ref _bitrate, value);
    }

    /// <summary>Whether anybody takes the pictures.</summary>
    public bool IsWanted
    {
        get => _isWanted;
        set => _isWanted = value;
    }

    public void RequestKeyFrame() => Interlocked.Exchange(ref _isKeyFrameWanted, 1);

    /// <summary>True once after requests.</summary>
    public bool TryTakeKeyFrameRequest() => Interlocked.Exchange(ref _isKeyFrameWanted, 0) != 0;
}
