namespace EdgeCam.Sims.I2c;

/// <summary>Which channel turns what (-1 for none), and the pulse widths of a servo's two ends in microseconds.</summary>
internal sealed record ServoWiring(int Pan = 0, int Tilt = 1, int Zoom = -1, double ShortestPulse = 1000, double LongestPulse = 2000)
{
    /// <summary>Where between its ends a servo stands at a pulse width, from 0 to 1.</summary>
    public double Share(double pulse) => Math.Clamp((pulse - ShortestPulse) / (LongestPulse - ShortestPulse), 0, 1);
}
