namespace EdgeCam.Agent.Cameras;

/// <summary>The words for what is wrong with a camera's pictures. They stay the same from attempt to attempt, so that each is told once.</summary>
internal static class PictureFaults
{
    /// <summary>So many pictures without a key frame before them are no accident of a start in their midst.</summary>
    public const int Several = 5;

    public const string NoKeyFrame =
        "Pictures come, but no key frame with SPS and PPS that a viewer could begin with: set the camera's key-frame interval to a few seconds, and SPS and PPS to come with each.";
}
