namespace EdgeCam.Agent.Cameras;

/// <summary>The part of a camera's picture that is encoded. Set from any thread; the camera's thread takes it once for each picture.</summary>
internal sealed class RegionOfInterest
{
    private const double Smallest = 1.0 / 32; // of a picture 1280 wide, 40 samples

    private readonly Lock _lock = new();
    private PictureRegion _region = PictureRegion.Whole;
    private volatile bool _isAvailable;

    /// <summary>The pictures can be cut: the agent encodes them itself, and is at it.</summary>
    public bool IsAvailable
    {
        get => _isAvailable;
        set => _isAvailable = value;
    }

    /// <summary>From the next picture on; fractions of the whole picture, from its upper left corner. What lies outside is brought inside; what is no number is left alone.</summary>
    public void Set(double x, double y, double width, double height)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y) || !double.IsFinite(width) || !double.IsFinite(height))
            return;
        (width, height) = (Math.Clamp(width, Smallest, 1), Math.Clamp(height, Smallest, 1));
        var region = new PictureRegion(Math.Clamp(x, 0, 1 - width), Math.Clamp(y, 0, 1 - height), width, height);
        lock (_lock)
            _region = region;
    }

    public PictureRegion Take()
    {
        lock (_lock)
            return _region;
    }
}
