using System.ComponentModel;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Runs rpicam-vid, or the command configured in its place, and lets its stdout be read. A process that dies, stalls or sends what cannot be
/// shown is ended and started again, with back-off. rpicam-vid takes no request for a key frame on its stdout or stdin.
/// </summary>
/// <param name="open">What reads one run of it.</param>
/// <param name="progress">A sign of life is a picture, and each step towards another attempt to have one.</param>
internal sealed class RpicamSource(CameraOptions options, Func<Instant> clock, ILogger log, RestartBackoff backoff, Func<CameraFeed, ICameraOutput> open, Progress? progress = null) : ICameraSource
{
    /// <summary>For the first picture: opening a sensor takes rpicam-vid a second or two, on a busy board more.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For a step that should take a moment: to start or to end a process, or to notice that it stalls.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Of a longer wait for a picture only so much is promised at a time.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _without = [];

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
            var (program, reason) = RpicamCommandLine.FindProgram(options);
            if (program is null)
                feed.Refuse(reason);
            else
                live = RunOnce(program, feed, stop);
            if (stop.IsCancellationRequested)
                break;
            var delay = backoff.Next(live);
            log.Restarting(options.Name, delay.TotalSeconds);
            progress?.Within(delay + Patience); // RestartBackoff.Longest keeps it short enough
            stop.WaitHandle.WaitOne(delay);
        }

        progress?.Rest();
    }

    /// <returns>How long it gave pictures.</returns>
    private TimeSpan RunOnce(string program, CameraFeed feed, CancellationToken stop)
    {
        try
        {
            using var output = open(feed);
            return RunOnce(program, output, feed, stop);
        }
        catch (EncoderException failure)
        {
            feed.Refuse(failure.Message);
            return TimeSpan.Zero;
        }
    }

    private TimeSpan RunOnce(string program, ICameraOutput output, CameraFeed feed, CancellationToken stop)
    {
        var arguments = RpicamCommandLine.Arguments(options, _without);
        CameraProcess process;
        try
        {
            process = CameraProcess.Start(program, arguments);
        }
        catch (Win32Exception failure)
        {
            feed.Refuse($"{program} cannot be started: {failure.Message}");
            return TimeSpan.Zero;
        }

        using (process)
        using (stop.Register(process.Kill)) // wakes the thread: its poll sees the end of stdout
        {
            log.ProcessStarted(options.Name, $"{program} {string.Join(' ', arguments)}", process.Id);
            var (first, stalled) = Read(process, output, stop);
            progress?.Within(Patience);
            var how = process.End();
            if (stop.IsCancellationRequested)
                return TimeSpan.Zero;
            if (process.Lines.Count > 0)
                log.ProcessSaid(options.Name, string.Join('\n', process.Lines));
            Explain(process, output, feed, how, stalled);
            return first is { } at ? clock() - at : TimeSpan.Zero;
        }
    }

    /// <summary>Reads until the end, a fault or a stall.</summary>
    private (Instant? First, bool Stalled) Read(CameraProcess process, ICameraOutput output, CancellationToken stop)
    {
        var last = clock();
        var pictures = 0L;
        Instant? first = null;
        while (!stop.IsCancellationRequested)
        {
            Promise(last + StallTimeout(output));
            if (!process.WaitForOutput(output.WaitMs))
                output.HandleIdle();
            else if (!output.Read(process))
                return (first, false);

            if (output.Pictures > pictures)
            {
                pictures = output.Pictures;
                last = clock();
                first ??= last;
            }

            if (output.Fault is not null)
                return (first, false);
            if (clock() - last > StallTimeout(output))
                return (first, true);
        }

        return (first, false);
    }

    /// <summary>A picture, or the end of this attempt, by then: a loop that turns but does not notice a stall is not alive.</summary>
    private void Promise(Instant stallsAt)
    {
        if (progress is null)
            return;
        var left = stallsAt - clock();
        progress.Within((left < Piece ? left : Piece) + Patience);
    }

    private TimeSpan StallTimeout(ICameraOutput output)
    {
        var configured = TimeSpan.FromSeconds(options.StallTimeoutSeconds);
        return output.Pictures == 0 && configured < StartTimeout ? StartTimeout : configured;
    }

    private void Explain(CameraProcess process, ICameraOutput output, CameraFeed feed, string how, bool stalled)
    {
        var said = process.Lines.Count > 0 ? $": {process.Lines.Last()}" : ".";
        if (output.Fault is { } fault)
            feed.Refuse(fault);
        else if (output.Pictures == 0 && FindUnknownOption(process) is { } option)
            DropOption(option);
        else if (output.DescribeNonsense() is { } nonsense)
            feed.Refuse(nonsense);
        else if (stalled)
            feed.Lose($"No picture for {StallTimeout(output).TotalSeconds:0} s; the camera's process is restarted{said}");
        else
            feed.Lose($"The camera's process is gone, {how}{said}");
    }

    private string? FindUnknownOption(CameraProcess process) => RpicamCommandLine.Optional.FirstOrDefault(option =>
        !_without.Contains(option) && process.Lines.Any(line =>
            line.Contains("unrecognised option", StringComparison.Ordinal) && line.Contains(option, StringComparison.Ordinal)));

    private void DropOption(string option)
    {
        _without.Add(option);
        log.OptionDropped(options.Name, option);
    }
}
