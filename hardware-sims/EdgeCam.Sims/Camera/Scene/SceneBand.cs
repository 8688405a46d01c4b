namespace EdgeCam.Sims.Camera.Scene;

/// <summary>A strip of the surroundings all the way around.</summary>
/// <param name="Top">Its upper edge in pixels at zoom 1, 0 at the horizontal and downwards.</param>
/// <param name="Scale">How many of its own pixels make one.</param>
internal readonly record struct SceneBand(Layer Layer, double Top, double Scale)
{
    public double Bottom => Top + (Layer.Height / Scale);
}
