namespace EdgeCam.Sims.Fleet;

/// <summary>
/// When a device tries its broker again: at random between nothing and a bound that doubles from 1 s, up to 7 s while nobody answers, and up to 60 s
/// while somebody does and does not keep it. Three connections in succession that were closed within half a minute are taken for another device of the
/// same id; then only one of five minutes is a good one.
/// </summary>
/// <param name="random">0 to 1.</param>
internal sealed class RetryWaits(Func<double> random)
{
    private const double First = 1; // seconds, as all of these
    private const double MostAway = 7;
    private const double MostPresent = 60;
    private const double Good = 30;
    private const double GoodAfterTakeOver = 300;
    private const int Suspicious = 3;

    private int _away;
    private int _present;
    private int _closed;

    /// <param name="lived">How long the connection was there.</param>
    public TimeSpan Next(LinkEnd end, TimeSpan lived)
    {
        if (end == LinkEnd.NoAnswer)
            return Draw(MostAway, _away++);
        if (end == LinkEnd.NotListening)
        {
            _present = _closed = 0; // it was restarted: what was before says nothing
            return Draw(MostAway, _away++);
        }

        _away = 0;
        if (lived.TotalSeconds >= (_closed >= Suspicious ? GoodAfterTakeOver : Good))
            _present = _closed = 0;
        if (end == LinkEnd.TakenOver)
            _closed = Suspicious;
        else if (end == LinkEnd.Closed && lived.TotalSeconds < Good)
            _closed++;
        return Draw(MostPresent, _present++);
    }

    private TimeSpan Draw(double most, int before) => TimeSpan.FromSeconds(Math.Min(most, First * Math.Pow(2, Math.Min(before, 10))) * random());
}
