using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>Annex B from a camera that encodes by itself.</summary>
internal sealed class H264Output(string camera, CameraFeed feed, AccessUnitPool pool, Func<Instant> clock, ILogger log) : ICameraOutput
{
    private const int Chunk = 256 * 1024;
    private const int QuietMs = 2; // a pipe idle for so long has given a whole picture (see AnnexBReader)
    private const int QuietMsSmallPipe = 8; // the picture is larger than the pipe: the writer needs its turns
    private const int LongestQuietMs = 32;
    private const int LongestWaitMs = 250;
    private const long LongestNonsense = 4 * 1024 * 1024;
    private const long ShortestNonsense = 1024;

    private readonly PictureReader _reader = new(pool);
    private int _quiet;
    private long _premature;
    private long _undecodable; // up to the last picture

    public int WaitMs => _reader.IsOpen ? _quiet : LongestWaitMs; // a delimiter behind the picture ends it at once

    public long Pictures => _reader.Pictures;

    public string? Fault => _reader.Fault ?? (!_reader.HasParameterSets && _reader.Bytes > LongestNonsense ? DescribeNonsense() : null);

    public bool Read(CameraProcess process)
    {
        if (_quiet == 0)
            _quiet = process.HasLargePipe ? QuietMs : QuietMsSmallPipe;
        var count = process.Read(_reader.GetMemory(Chunk).Span[..Chunk]);
        if (count == 0)
            return false;
        _reader.Advance(count, clock());
        Give();
        return true;
    }

    public void HandleIdle()
    {
        if (!_reader.IsOpen)
            return;
        _reader.Flush();
        Give();
    }

    public string? DescribeWait() => _reader.Undecodable - _undecodable >= PictureFaults.Several ? PictureFaults.NoKeyFrame : null;

    public string? DescribeNonsense() => _reader.HasParameterSets || _reader.Bytes <= ShortestNonsense || DescribeWait() is not null
        ? null
        : $"What the camera's process writes to stdout is not H.264 in Annex B format ({_reader.Bytes} bytes without a picture): check Command and ExtraArguments.";

    public void Dispose() => _reader.Dispose();

    private void Give()
    {
        while (_reader.TryRead() is { } unit)
        {
            using (unit)
                feed.Give(unit, _reader);
            _undecodable = _reader.Undecodable;
        }

        if (_reader.PrematureFlushes == _premature)
            return;
        _premature = _reader.PrematureFlushes;
        var longer = Math.Min(_quiet * 2, LongestQuietMs);
        if (longer > _quiet)
            log.FlushedTooEarly(camera, _quiet, longer);
        _quiet = longer;
    }
}
