using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// A device node that captures: with H.264 of its own (a USB camera with an encoder, the Raspberry Pi's own camera node, a loopback), or with
/// pictures that the agent encodes. A node that is missing, goes away, stalls or fails is closed and opened again until it works; its return
/// is noticed within half a second.
/// </summary>
/// <remarks>Left out: USB extension units, and with them the bitrate of those USB cameras that have it only there.</remarks>
/// <param name="region">The part of the pictures to encode, where the agent encodes; null: all of them.</param>
internal sealed class V4l2Source(
    CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RestartBackoff backoff, IV4l2System system, Progress? progress = null,
    RegionOfInterest? region = null) : ICameraSource
{
    public const string Scheme = "v4l2:";

    /// <summary>Between two attempts: they cost a few system calls each, and who waits for the picture should not wait for us.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for a turn: drivers start and stop a camera in a second or two

    private readonly string _path = options.Source[Scheme.Length..];
    private readonly V4l2Opening _opening = new(options, pool, clock, drops, log, system, region);
    private volatile bool _canForceKeyFrame;
    private volatile bool _hasLiveBitrate;
    private volatile bool _encodes;
    private Instant _nextAttempt;
    private bool _isMissing;
    private string _told = "";

    public ICameraSource? Substream => _opening.Substream;

    public bool GivesSubstream => _encodes && Substream is not null;

    public bool HasLiveBitrate => _hasLiveBitrate;

    public static string? FindMistake(CameraOptions options)
    {
        var path = options.Source[Scheme.Length..];
        var camera = $"Source '{options.Source}' of camera '{options.Name}'";
        if (path.Length < 2 || path[0] != '/' || path[^1] == '/' || path.Contains('\0', StringComparison.Ordinal))
            return $"{camera} must name a device node by its full path: use v4l2:/dev/video0, or v4l2:/dev/v4l/by-id/NAME, which stays the same when cameras are plugged in in another order.";
        if (options.Command is not null || options.ExtraArguments is { Length: > 0 })
            return $"{camera} runs no program: remove command and extraArguments, which are for rpicam.";
        if (options.Controls?.Select(PictureControls.FindMistake).FirstOrDefault(static mistake => mistake is not null) is { } wrong)
            return $"Of the controls of camera '{options.Name}' {wrong}.";
        return options.MayEncode ? EncoderPlan.FindSubstreamMistake(options) : null;
    }

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) =>
        CameraThread.Run(options.Name, () => Supervise(new(options.Name, sink, log), stop));

    public bool RequestKeyFrame()
    {
        if (!_canForceKeyFrame)
            return false;
        _opening.Main.RequestKeyFrame();
        return true;
    }

    public void SetBitrate(long bitsPerSecond) => _opening.Main.Bitrate = bitsPerSecond;

    private void Supervise(CameraFeed feed, CancellationToken stop)
    {
        feed.Start();
        _nextAttempt = clock();
        V4l2Stream? stream = null;
        try
        {
            while (!stop.IsCancellationRequested) // each turn takes half a second at most, besides what the driver takes for a call
            {
                progress?.Within(s_patience); // a driver whose call does not return is what the watchdog is for
                if (stream is not null)
                    stream = Continue(stream, feed);
                else if (IsDue(feed))
                    stream = Open(feed);
                else
                    Wait(stop);
            }
        }
        finally
        {
            stream?.Dispose();
            Note(null);
            progress?.Rest();
        }
    }

    private V4l2Stream? Continue(V4l2Stream stream, CameraFeed feed)
    {
        V4l2Ending? ending;
        try
        {
            ending = stream.Turn();
            Note(stream.Pictures);
        }
        catch (V4l2Exception failure)
        {
            ending = V4l2Faults.Explain(_path, failure, stream.IsLoopback);
        }

        if (ending is null)
            return stream;
        var live = stream.Live;
        stream.Dispose();
        Tell(ending, live, feed);
        Note(null); // only then: a camera that is live and gives no substream gives none at all
        return null;
    }

    private bool IsDue(CameraFeed feed)
    {
        if (!system.Exists(_path))
        {
            feed.Lose(V4l2Faults.Missing(_path).Detail);
            (_isMissing, _nextAttempt) = (true, Instant.Never);
            return false;
        }

        if (_isMissing)
            (_isMissing, _nextAttempt) = (false, clock()); // it is back
        return clock() >= _nextAttempt;
    }

    private void Wait(CancellationToken stop)
    {
        var left = _nextAttempt == Instant.Never ? s_look : _nextAttempt - clock();
        system.Pause(left < s_look ? left : s_look, stop);
    }

    private V4l2Stream? Open(CameraFeed feed)
    {
        var (stream, choice, ending) = _opening.Open(_path, feed);
        if (stream is null)
        {
            Tell(ending!, TimeSpan.Zero, feed);
            return null;
        }

        if (choice!.Words != _told)
            log.NodeStarted(options.Name, choice.Words);
        _told = choice.Words;
        Note(stream.Pictures);
        return stream;
    }

    /// <summary>What others may ask of it now.</summary>
    private void Note(IV4l2Pictures? pictures) =>
        (_canForceKeyFrame, _hasLiveBitrate, _encodes) = (pictures?.CanForceKeyFrame == true, pictures?.HasLiveBitrate == true, pictures is RawPictures);

    private void Tell(V4l2Ending ending, TimeSpan live, CameraFeed feed)
    {
        if (ending.IsRefusal)
            feed.Refuse(ending.Detail);
        else
            feed.Lose(ending.Detail);
        _nextAttempt = clock() + (ending.IsAtOnce && live > TimeSpan.Zero ? TimeSpan.Zero : ending.IsWaiting ? s_look : backoff.Next(live));
    }
}
