namespace EdgeCam.Agent.Cameras;

/// <summary>Cuts the region of interest out of each picture, where the encoder is to take it from, and makes it as large as the picture.</summary>
internal sealed class PictureCutter(EncoderSettings settings, RegionOfInterest region) : IDisposable
{
    private PlaneMagnifier? _luma; // from the first time on that something is cut: it takes as much memory as a picture
    private PlaneMagnifier? _chroma;

    /// <summary>The pictures are being encoded from here on.</summary>
    public void Begin() => region.IsAvailable = true;

    /// <summary>Does nothing where the region is the whole picture.</summary>
    public void Cut(IPictureEncoder picture)
    {
        var part = region.Take();
        if (part == PictureRegion.Whole)
            return;
        picture.KeepReadable();
        _luma ??= new(settings.Width, settings.Height);
        _chroma ??= new(settings.Width / 2, settings.Height / 2);
        for (var plane = 0; plane < 3; plane++)
        {
            var samples = picture.Plane(plane, out var stride);
            (plane == 0 ? _luma : _chroma).Magnify(samples, stride, part);
        }
    }

    public void Dispose() => region.IsAvailable = false;
}
