using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Plays an Annex B file in a loop at its rate: the SPS's, or the configured one where the SPS has none. Capture times are deadlines
/// counted from the start, so they run on evenly where the file begins again.
/// </summary>
internal sealed class FileSource(CameraOptions options, AccessUnitPool pool, Func<Instant> clock, ILogger log, Progress? progress = null) : ICameraSource
{
    private const int Chunk = 64 * 1024;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // for a picture, which is a second apart at most, and for the file system
    private static readonly TimeSpan LargestDelay = TimeSpan.FromSeconds(1); // later than that, the clock begins anew

    private readonly string _path = options.Source["file:".Length..];
    private Instant _deadline;

    public bool RequestKeyFrame() => false;

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => CameraThread.Run(options.Name, () => Play(new(options.Name, sink, log), stop));

    private void Play(CameraFeed feed, CancellationToken stop)
    {
        feed.Start();
        _deadline = clock();
        while (!stop.IsCancellationRequested)
        {
            var fault = PlayOnce(feed, stop);
            if (fault is null)
                continue;
            progress?.Within(Retry + Patience);
            stop.WaitHandle.WaitOne(Retry);
        }

        progress?.Rest();
    }

    /// <returns>Why it could not be played; null at its end.</returns>
    private string? PlayOnce(CameraFeed feed, CancellationToken stop)
    {
        progress?.Within(Patience);
        using var reader = new PictureReader(pool);
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var isAtEnd = false;
            while (!stop.IsCancellationRequested)
            {
                if (reader.TryRead() is { } unit)
                {
                    using (unit)
                        Give(unit, reader, feed, stop);
                }
                else if (reader.Fault is not null || isAtEnd)
                {
                    break;
                }
                else
                {
                    progress?.Within(Patience);
                    var count = file.Read(reader.GetMemory(Chunk).Span[..Chunk]);
                    reader.Advance(count, _deadline);
                    isAtEnd = count == 0;
                    if (isAtEnd)
                        reader.Flush(); // the file's end is the last picture's end
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var lost = $"{_path} cannot be read: {failure.Message}";
            feed.Lose(lost);
            return lost;
        }

        var fault = reader.Fault ?? (reader.Pictures == 0 ? $"{_path} has no H.264 picture in Annex B format that could be shown." : null);
        if (fault is not null && !stop.IsCancellationRequested)
            feed.Refuse(fault);
        return fault;
    }

    private void Give(AccessUnit unit, PictureReader reader, CameraFeed feed, CancellationToken stop)
    {
        progress?.Within(Patience);
        var wait = _deadline - clock();
        if (wait > TimeSpan.Zero)
            stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
        else if (-wait > LargestDelay)
            _deadline = clock(); // the machine slept: go on from now instead of rushing
        unit.CaptureTime = _deadline;
        if (!stop.IsCancellationRequested)
            feed.Give(unit, reader);
        _deadline += TimeSpan.FromSeconds(1 / (reader.FrameRate is { } rate and >= 1 and <= 240 ? rate : options.FrameRate));
    }
}
