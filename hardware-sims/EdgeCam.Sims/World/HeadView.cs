namespace EdgeCam.Sims.World;

/// <summary>Writes where a head looks into the view file, as often as that changes.</summary>
internal sealed class HeadView(Head head, ViewFile? file)
{
    private (double Pan, double Tilt, double Zoom)? _shown;

    public void Update()
    {
        var now = (head.Pan.Output, head.Tilt.Output, head.ZoomFactor);
        if (_shown == now)
            return;
        _shown = now;
        file?.WriteHead(now.Item1, now.Item2, now.ZoomFactor);
    }
}
