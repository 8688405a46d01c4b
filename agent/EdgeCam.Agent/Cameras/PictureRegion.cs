namespace EdgeCam.Agent.Cameras;

/// <summary>A part of a picture, in fractions of it from its upper left corner.</summary>
internal readonly record struct PictureRegion(double X, double Y, double Width, double Height)
{
    public static PictureRegion Whole { get; } = new(0, 0, 1, 1);
}
