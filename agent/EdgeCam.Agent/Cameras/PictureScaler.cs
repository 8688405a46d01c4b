namespace EdgeCam.Agent.Cameras;

/// <summary>Makes a smaller picture for the substream's encoder from the one that the main encoder was given.</summary>
internal sealed class PictureScaler(EncoderSettings main, EncoderSettings sub)
{
    private readonly PlaneScaler _luma = new(main.Width, main.Height, sub.Width, sub.Height);
    private readonly PlaneScaler _chroma = new(main.Width / 2, main.Height / 2, sub.Width / 2, sub.Height / 2);

    public void Scale(IPictureEncoder from, IPictureEncoder to)
    {
        for (var plane = 0; plane < 3; plane++)
        {
            var source = from.Plane(plane, out var sourceStride);
            var target = to.Plane(plane, out var targetStride);
            (plane == 0 ? _luma : _chroma).Scale(source, sourceStride, target, targetStride);
        }
    }
}
