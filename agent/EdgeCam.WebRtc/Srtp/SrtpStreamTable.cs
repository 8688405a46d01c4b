namespace EdgeCam.WebRtc.Srtp;

/// <summary>The streams of one direction by SSRC. Few, so a search through an array is the quickest; begins at the last one found.</summary>
internal sealed class SrtpStreamTable
{
    /// <summary>Bound. Policy: further SSRCs are refused, as forgetting one would forget its replay list.</summary>
    public const int Capacity = 64;

    private SrtpStream[] _streams = new SrtpStream[4];
    private int _count;
    private int _last;

    public bool IsFull => _count == Capacity;

    public ref SrtpStream this[int slot] => ref _streams[slot];

    /// <returns>A negative number where the SSRC is unknown.</returns>
    public int Find(uint ssrc)
    {
        if (_last < _count && _streams[_last].Ssrc == ssrc)
            return _last;
        for (var i = 0; i < _count; i++)
        {
            if (_streams[i].Ssrc == ssrc)
                return _last = i;
        }

        return -1;
    }

    /// <summary>Adds an SSRC that is not there; the table must not be full.</summary>
    public int Add(uint ssrc)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_count, Capacity);
        if (_count == _streams.Length)
            Array.Resize(ref _streams, _count * 2);
        _streams[_count] = new() { Ssrc = ssrc };
        return _last = _count++;
    }
}
