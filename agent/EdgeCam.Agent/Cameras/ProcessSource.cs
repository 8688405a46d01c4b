using System.ComponentModel;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Runs a camera's program and lets its stdout be read. A process that dies, stalls or sends what cannot be shown is ended and started again,
/// with back-off.
/// </summary>
/// <param name="open">What reads one run of it.</param>
/// <param name="progress">A sign of life is a picture, and each step towards another attempt to have one.</param>
internal sealed class ProcessSource(
    CameraOptions options, ICameraProgram program, Func<Instant> clock, ILogger log, RestartBackoff backoff, Func<CameraFeed, ICameraOutput> open, Progress? progress = null) : ICameraSource
{
    /// <summary>For the first picture: opening a sensor takes rpicam-vid a second or two, on a busy board more.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For a step that should take a moment: to start or to end a process, or to notice that it stalls.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Of a longer wait only so much is promised at a time.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(5);

    private TimeSpan _wait; // that the last ending asked for

    public bool RequestKeyFrame() => false;

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) =>
        CameraThread.Run(options.Name, () => Supervise(new(options.Name, sink, log), stop));

    private void Supervise(CameraFeed feed, CancellationToken stop)
    {
        feed.Start();
        while (!stop.IsCancellationRequested)
        {
            progress?.Within(Patience);
            var live = TimeSpan.Zero;
            _wait = TimeSpan.Zero;
            try
            {
                live = RunOnce(feed, stop);
            }
#pragma warning disable CA1031 // our bug costs this camera, and not the agent
            catch (Exception bug)
#pragma warning restore CA1031
            {
                log.RunFaulted(options.Name, bug);
                feed.Refuse("A fault of edgecam's own ended it: please report what its log says. It is tried again.");
            }

            if (stop.IsCancellationRequested)
                break;
            var delay = backoff.Next(live);
            if (delay < _wait)
                delay = _wait;
            log.Restarting(options.Name, delay.TotalSeconds);
            for (; delay > TimeSpan.Zero && !stop.IsCancellationRequested; delay -= Piece)
            {
                progress?.Within(Piece + Patience);
                stop.WaitHandle.WaitOne(delay < Piece ? delay : Piece);
            }
        }

        progress?.Rest();
    }

    /// <returns>How long it gave pictures.</returns>
    private TimeSpan RunOnce(CameraFeed feed, CancellationToken stop)
    {
        var (path, reason) = program.Find();
        if (path is null)
        {
            feed.Refuse(reason);
            return TimeSpan.Zero;
        }

        try
        {
            using var output = open(feed);
            return RunOnce(path, output, feed, stop);
        }
        catch (EncoderException failure)
        {
            feed.Refuse(failure.Message);
            return TimeSpan.Zero;
        }
    }

    private TimeSpan RunOnce(string path, ICameraOutput output, CameraFeed feed, CancellationToken stop)
    {
        var arguments = program.Arguments();
        CameraProcess process;
        try
        {
            process = CameraProcess.Start(path, arguments, program.Input);
        }
        catch (Win32Exception failure)
        {
            feed.Refuse($"{path} cannot be started: {failure.Message}");
            return TimeSpan.Zero;
        }

        using (process)
        using (stop.Register(process.Kill)) // wakes the thread: its poll sees the end of stdout
        {
            log.ProcessStarted(options.Name, program.Describe(path, arguments), process.Id);
            var (first, stalled) = Read(process, output, feed, stop);
            progress?.Within(Patience);
            var how = process.End();
            if (stop.IsCancellationRequested)
                return TimeSpan.Zero;
            string[] lines = [.. process.Lines];
            if (lines.Length > 0)
                log.ProcessSaid(options.Name, string.Join('\n', lines.Select(program.Clean)));
            Explain(lines, output, feed, how, stalled);
            return first is { } at ? clock() - at : TimeSpan.Zero;
        }
    }

    /// <summary>Reads until the end, a fault or a stall.</summary>
    private (Instant? First, bool Stalled) Read(CameraProcess process, ICameraOutput output, CameraFeed feed, CancellationToken stop)
    {
        var last = clock();
        var heard = last;
        var pictures = 0L;
        Instant? first = null;
        while (!stop.IsCancellationRequested)
        {
            Promise(last + StallTimeout(output));
            if (!process.WaitForOutput(output.WaitMs))
                output.HandleIdle();
            else if (!output.Read(process))
                return (first, false);
            else
                heard = clock();

            if (output.Pictures > pictures)
            {
                pictures = output.Pictures;
                last = clock();
                first ??= last;
            }

            if (output.Fault is not null || output.IsOver)
                return (first, false);
            var now = clock();
            if (now - last <= StallTimeout(output))
                continue;
            if (output.DescribeWait() is not { } wait || now - heard > StallTimeout(output) || now - last > program.KeyFramePatience)
                return (first, true);
            feed.Lose(wait); // goes on: the next one may come
        }

        return (first, false);
    }

    /// <summary>A picture, or the end of this attempt, by then: a loop that turns but does not notice a stall is not alive.</summary>
    private void Promise(Instant stallsAt)
    {
        if (progress is null)
            return;
        var left = stallsAt - clock();
        left = left < TimeSpan.Zero ? TimeSpan.Zero : left < Piece ? left : Piece;
        progress.Within(left + Patience);
    }

    private TimeSpan StallTimeout(ICameraOutput output)
    {
        var configured = TimeSpan.FromSeconds(options.StallTimeoutSeconds);
        return output.Pictures == 0 && configured < StartTimeout ? StartTimeout : configured;
    }

    private void Explain(string[] lines, ICameraOutput output, CameraFeed feed, string how, bool stalled)
    {
        if (output.IsOver && output.Fault is null)
            return;
        var said = lines.Length > 0 ? $": {program.Clean(lines[^1])}" : ".";
        if (output.Fault is { } fault)
        {
            feed.Refuse(fault);
        }
        else if (!stalled && program.Judge(lines, output.Pictures) is { } ending)
        {
            _wait = ending.Wait;
            if (ending.IsRefusal)
                feed.Refuse(ending.Detail);
            else if (ending.Detail.Length > 0)
                feed.Lose(ending.Detail);
        }
        else if (output.DescribeNonsense() is { } nonsense)
        {
            feed.Refuse(nonsense);
        }
        else if (stalled)
        {
            feed.Lose(output.DescribeWait() ?? $"No picture for {StallTimeout(output).TotalSeconds:0} s; the camera's process is restarted{said}");
        }
        else
        {
            feed.Lose($"The camera's process is gone, {how}{said}");
        }
    }
}
