namespace EdgeCam.Agent.Cameras;

/// <summary>What other threads ask of an encoder, which the camera's thread takes before each picture; and what they may ask of it, which that thread says.</summary>
internal sealed class EncoderControl(long bitrate)
{
    private long _bitrate = bitrate;
    private int _isKeyFrameWanted;
    private volatile bool _isWanted;
    private volatile bool _hasLiveBitrate = true;
    private volatile bool _canForceKeyFrame = true;

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

    /// <summary>Whether the bitrate takes effect; true before there is an encoder.</summary>
    public bool HasLiveBitrate => _hasLiveBitrate;

    /// <summary>Whether key frames come when they are asked for; true before there is an encoder.</summary>
    public bool CanForceKeyFrame => _canForceKeyFrame;

    /// <summary>Says what the encoder can do now.</summary>
    public void Note(IPictureEncoder encoder) => (_hasLiveBitrate, _canForceKeyFrame) = (encoder.HasLiveBitrate, encoder.CanForceKeyFrame);

    public void RequestKeyFrame() => Interlocked.Exchange(ref _isKeyFrameWanted, 1);

    /// <returns>False where the encoder gives none on request.</returns>
    public bool TryRequestKeyFrame()
    {
        if (!CanForceKeyFrame)
            return false;
        RequestKeyFrame();
        return true;
    }

    /// <summary>True once after requests.</summary>
    public bool TryTakeKeyFrameRequest() => Interlocked.Exchange(ref _isKeyFrameWanted, 0) != 0;
}
