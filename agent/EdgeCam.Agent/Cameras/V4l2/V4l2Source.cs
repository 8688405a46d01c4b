using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// A device node that gives H.264 by itself: a USB camera with an encoder, the Raspberry Pi's own camera node, a loopback. A node that is
/// missing, goes away, stalls or fails is closed and opened again until it works; its return is noticed within half a second.
/// </summary>
/// <remarks>Left out: raw formats (the agent would encode them), the multi-planar interface, USB extension units, a bitrate that follows viewers.</remarks>
internal sealed class V4l2Source(
    CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RestartBackoff backoff, IV4l2System system, Progress? progress = null) : ICameraSource
{
    public const string Scheme = "v4l2:";

    /// <summary>Between two attempts: they cost a few system calls each, and who waits for the picture should not wait for us.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for a turn: drivers start and stop a camera in a second or two

    private readonly string _path = options.Source[Scheme.Length..];
    private int _isKeyFrameWanted;
    private volatile bool _canForceKeyFrame;
    private Instant _nextAttempt;
    private bool _isMissing;
    private string _told = "";

    public static string? FindMistake(CameraOptions options)
    {
        var path = options.Source[Scheme.Length..];
        var camera = $"Source '{options.Source}' of camera '{options.Name}'";
        if (path.Length < 2 || path[0] != '/' || path[^1] == '/' || path.Contains('\0', StringComparison.Ordinal))
            return $"{camera} must name a device node by its full path: use v4l2:/dev/video0, or v4l2:/dev/v4l/by-id/NAME, which stays the same when cameras are plugged in in another order.";
        if (options.UsesSoftwareEncoder)
            return $"{camera} is read as H.264 that the device encodes: set encoder to \"camera\".";
        return options.Command is not null || options.ExtraArguments is { Length: > 0 }
            ? $"{camera} runs no program: remove command and extraArguments, which are for rpicam."
            : null;
    }

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) =>
        CameraThread.Run(options.Name, () => Supervise(new(options.Name, sink, log), stop));

    public bool RequestKeyFrame()
    {
        if (!_canForceKeyFrame)
            return false;
        Interlocked.Exchange(ref _isKeyFrameWanted, 1);
        return true;
    }

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
            progress?.Rest();
        }
    }

    private V4l2Stream? Continue(V4l2Stream stream, CameraFeed feed)
    {
        V4l2Ending? ending;
        try
        {
            ending = stream.Turn(Interlocked.Exchange(ref _isKeyFrameWanted, 0) != 0);
        }
        catch (V4l2Exception failure)
        {
            ending = V4l2Faults.Explain(_path, failure, stream.IsLoopback);
        }

        if (ending is null)
            return stream;
        _canForceKeyFrame = false;
        var live = stream.Live;
        stream.Dispose();
        Tell(ending, live, feed);
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
        IV4l2Node? node = null;
        V4l2Setup? setup = null;
        V4l2Ending? ending;
        try
        {
            node = system.Open(_path);
            setup = new(options, _path, node);
            (var choice, ending) = setup.Run();
            if (choice is not null)
            {
                node.Start();
                return Begin(node, choice, feed);
            }
        }
        catch (V4l2Exception failure)
        {
            ending = V4l2Faults.Explain(_path, failure, setup?.IsLoopback == true);
        }

        node?.Dispose();
        Tell(ending!, TimeSpan.Zero, feed);
        return null;
    }

    private V4l2Stream Begin(IV4l2Node node, V4l2Choice choice, CameraFeed feed)
    {
        if (choice.Words != _told)
            log.NodeStarted(options.Name, choice.Words);
        _told = choice.Words;
        _canForceKeyFrame = choice.CanForceKeyFrame;
        return new(options, _path, node, choice, system, feed, pool, clock, drops, log);
    }

    private void Tell(V4l2Ending ending, TimeSpan live, CameraFeed feed)
    {
        if (ending.IsRefusal)
            feed.Refuse(ending.Detail);
        else
            feed.Lose(ending.Detail);
        _nextAttempt = clock() + (ending.IsAtOnce && live > TimeSpan.Zero ? TimeSpan.Zero : ending.IsWaiting ? s_look : backoff.Next(live));
    }
}
