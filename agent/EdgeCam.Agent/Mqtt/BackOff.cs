namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// Exponential back-off with full jitter: each wait is anywhere between nothing and a bound that doubles, so that ten thousand devices do not
/// come back in the same second.
/// </summary>
internal sealed class BackOff(TimeSpan first, TimeSpan max, Func<double> random)
{
    private int _attempts;

    public TimeSpan Next()
    {
        var bound = Math.Min(max.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30)));
        return TimeSpan.FromMilliseconds(Math.Ceiling(bound * random())); // timers know no fractions: who waits for one would try again and again
    }

    public void Reset() => _attempts = 0;
}
