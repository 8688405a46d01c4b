namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// The over-use detector (draft-ietf-rmcat-gcc-02 §5.3, §5.4): the slope of one-way delay against time, by least squares over the last
/// groups, held against a threshold that adapts: it rises where the slope stays above it, so that a flow which fills queues of its own
/// accord does not starve ours, and sinks where the slope stays below.
/// </summary>
/// <remarks>
/// The slope takes the place of the draft's Kalman filter, scaled so that the draft's thresholds hold. The gains are libwebrtc's, by which the
/// threshold sinks faster than it rises; the draft's table has it the other way round.
/// </remarks>
internal sealed class DelayTrend
{
    private const int Window = 20;
    private const int Gain = 4;
    private const int MaxWeight = 60;
    private const double Smoothing = 0.5;
    private const double LeastThreshold = 6, MostThreshold = 600, FirstThreshold = 12.5;
    private const double RiseGain = 0.0087, SinkGain = 0.039; // per millisecond; k_up and k_down of libwebrtc
    private const double OutlierMargin = 15;
    private const double OveruseTime = 10;

    private readonly double[] _times = new double[Window];
    private readonly double[] _delays = new double[Window];
    private int _count;
    private int _groups;
    private int _overs;
    private double _smoothed;
    private double _lastTime;
    private double _timeOver;
    private double _lastTrend;

    public LinkUsage Usage { get; private set; }

    public double Threshold { get; private set; } = FirstThreshold;

    /// <summary>Takes a complete group.</summary>
    /// <param name="time">When it was sent, in milliseconds.</param>
    /// <param name="delay">Its one-way delay in milliseconds, of any origin.</param>
    /// <param name="isQueue">A queue stands on the way: without one a slope is jitter.</param>
    public void Add(double time, double delay, bool isQueue)
    {
        var step = Math.Min(time - _lastTime, 100);
        _smoothed = _count == 0 ? delay : (Smoothing * _smoothed) + ((1 - Smoothing) * delay);
        if (_count == Window)
        {
            Array.Copy(_times, 1, _times, 0, Window - 1);
            Array.Copy(_delays, 1, _delays, 0, Window - 1);
            _count--;
        }

        _times[_count] = time;
        _delays[_count++] = _smoothed;
        _lastTime = time;
        _groups = Math.Min(_groups + 1, MaxWeight);
        if (_count < 4)
            return;
        Detect(Slope() * _groups * Gain, step, isQueue);
    }

    /// <summary>Begins anew: the path is another one.</summary>
    public void Clear()
    {
        _count = _groups = _overs = 0;
        _timeOver = _lastTrend = 0;
        Usage = LinkUsage.Normal;
    }

    private double Slope()
    {
        double time = 0, delay = 0;
        for (var i = 0; i < _count; i++)
        {
            time += _times[i];
            delay += _delays[i];
        }

        time /= _count;
        delay /= _count;
        double product = 0, square = 0;
        for (var i = 0; i < _count; i++)
        {
            product += (_times[i] - time) * (_delays[i] - delay);
            square += (_times[i] - time) * (_times[i] - time);
        }

        return square == 0 ? 0 : product / square;
    }

    private void Detect(double trend, double step, bool isQueue)
    {
        if (trend > Threshold && isQueue)
        {
            _timeOver += step;
            if (++_overs > 1 && _timeOver > OveruseTime && trend >= _lastTrend)
                Usage = LinkUsage.Over;
        }
        else
        {
            _timeOver = _overs = 0;
            Usage = trend < -Threshold ? LinkUsage.Under : LinkUsage.Normal;
        }

        _lastTrend = trend;
        var magnitude = Math.Abs(trend);
        if (magnitude > Threshold + OutlierMargin)
            return; // a sudden step is not what it shall get used to
        Threshold += (magnitude < Threshold ? SinkGain : RiseGain) * (magnitude - Threshold) * step;
        Threshold = Math.Clamp(Threshold, LeastThreshold, MostThreshold);
    }
}
