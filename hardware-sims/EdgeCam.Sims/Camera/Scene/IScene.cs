namespace EdgeCam.Sims.Camera.Scene;

/// <summary>What stands before the lens.</summary>
internal interface IScene
{
    /// <summary>The picture that <see cref="Draw"/> fills, again and again.</summary>
    Picture Picture { get; }

    void Draw(uint frame, DateTimeOffset captured);
}
