using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// Proves a board's encoder on pictures of its own: start, another bitrate, key frames on request, drain, reset. For operators, since no two
/// drivers keep to the kernel's interface alike, and for tests.
/// </summary>
/// <param name="tell">A line for each step.</param>
internal sealed class M2mTrial(M2mEncoder encoder, EncoderSettings settings, bool isH264, Action<string> tell) : IDisposable
{
    private const int Pictures = 45; // of a step
    private const int Requests = 20;
    private const int Between = 5; // pictures from one request to the next
    private const int LatestKey = 3; // pictures after it was asked for
    private const long Most = 4_000_000, Least = 500_000;

    private readonly PictureReader _reader = new(new AccessUnitPool());
    private int _given;
    private int _taken;
    private long _bytes;
    private readonly HashSet<int> _keys = []; // numbers of access units
    private string? _wrong;

    /// <returns>Whether all went well.</returns>
    /// <exception cref="EncoderException">It failed altogether.</exception>
    /// <exception cref="V4l2Exception">A call of it failed.</exception>
    public bool Run()
    {
        Give(Pictures);
        Step("start", _taken > 0, $"{_taken} of {_given} pictures are out");
        var isGood = _taken > 0;

        encoder.SetBitrate(Least);
        Give(LatestKey);
        var low = Measure();
        encoder.SetBitrate(Most);
        Give(LatestKey);
        var high = Measure();
        isGood &= Step("bitrate", low < high * 0.7, $"{Pictures} pictures have {low} bytes at {Least} bit/s, {high} at {Most}");

        var late = Enumerable.Range(0, Requests).Select(_ => Ask()).ToArray();
        isGood &= Step("key frame", late.All(static pictures => pictures is >= 0 and <= LatestKey), $"{late.Count(static pictures => pictures is >= 0 and <= LatestKey)} of {Requests} came, {late.Max()} pictures after the request at most");

        encoder.Drain();
        while (encoder.TryDrain(out var unit, out _))
            Take(unit);
        isGood &= Step("drain", _taken == _given, $"{_taken} of {_given} pictures came out");

        encoder.Reset();
        var before = _taken;
        Give(Between);
        isGood &= Step("reset", _taken > before && _keys.Contains(before), $"{_taken - before} pictures after it, {(_keys.Contains(before) ? "the first of them a key frame" : "which is no key frame")}");
        if (isH264)
            isGood &= Step("stream", _wrong is null && _reader.Fault is null && _reader.HasParameterSets, _wrong ?? _reader.Fault ?? (_reader.NewInfo is { } info ? $"{info.Width}x{info.Height}, profile-level-id {info.Profile}, no B-frames" : "no SPS"));
        return isGood && encoder.Resets == 0;
    }

    public void Dispose() => _reader.Dispose();

    private bool Step(string name, bool isGood, string words)
    {
        tell($"{name,-10} {(isGood ? "good" : "WRONG"),-6} {words}");
        return isGood;
    }

    private long Measure()
    {
        var before = _bytes;
        Give(Pictures);
        return _bytes - before;
    }

    /// <returns>How many pictures later a key frame came; -1 where none did.</returns>
    private int Ask()
    {
        var asked = _given;
        Give(1, isKeyWanted: true);
        Give(Between - 1);
        for (var number = asked; number < _taken; number++)
        {
            if (_keys.Contains(number))
                return number - asked;
        }

        return -1;
    }

    private void Give(int count, bool isKeyWanted = false)
    {
        for (var i = 0; i < count; i++)
        {
            encoder.Begin();
            Draw(_given);
            encoder.Encode(new(++_given * (TimeSpan.TicksPerSecond / settings.FrameRate)), isKeyWanted);
            while (encoder.TryTake(out var unit, out var capturedAt))
            {
                var number = capturedAt.Ticks * settings.FrameRate / (double)TimeSpan.TicksPerSecond;
                if (Math.Abs(number - (_taken + 1)) > 0.01)
                    _wrong = $"picture {_taken} carries the time of picture {number - 1:0.##}";
                Take(unit);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> unit)
    {
        _bytes += unit.Length;
        var isKey = encoder.IsKey;
        if (isH264)
        {
            var nalUnits = new AnnexBSpan(unit);
            while (_reader.TryRead(ref nalUnits, default, endsPicture: true) is { } picture)
            {
                using (picture)
                    isKey = picture.IsIdr;
            }
        }

        if (isKey)
            _keys.Add(_taken);
        _taken++;
    }

    /// <summary>A pattern that moves, with detail enough that the bitrate shows, and not so much that a codec leaves it uncompressed.</summary>
    private void Draw(int number)
    {
        var luma = encoder.Plane(0, out var stride);
        for (var y = 0; y < settings.Height; y++)
        {
            var row = luma.Slice(y * stride, settings.Width);
            for (var x = 0; x < row.Length; x++)
                row[x] = (byte)(48 + (Math.Abs((((x + (number * 3)) * 2) + y & 0xFF) - 128) / 2) + ((((x + number) * 7) ^ (y * 13)) & 0x0F)); // slopes, and some noise
        }

        for (var plane = 1; plane < 3; plane++)
            encoder.Plane(plane, out _).Fill((byte)(96 + (number & 0x3F)));
    }
}
