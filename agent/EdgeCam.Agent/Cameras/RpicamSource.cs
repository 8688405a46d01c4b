using System.ComponentModel;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Runs rpicam-vid, or the command configured in its place, and reads Annex B from its stdout. A process that dies, stalls or sends what
/// cannot be shown is ended and started again, with back-off. rpicam-vid takes no request for a key frame on its stdout or stdin.
/// </summary>
internal sealed class RpicamSource(CameraOptions options, AccessUnitPool pool, Func<Instant> clock, ILogger log, RestartBackoff backoff) : ICameraSource
{
    private const int Chunk = 256 * 1024;
    private const int QuietMs = 2; // a pipe idle for so long has given a whole picture (see AnnexBReader)
    private const int QuietMsSmallPipe = 8; // the picture is larger than the pipe: the writer needs its turns
    private const int LongestQuietMs = 32;
    private const int WaitMs = 250; // how soon a stall is seen
    private const long LongestNonsense = 4 * 1024 * 1024;

    /// <summary>For the first picture: opening a sensor takes rpicam-vid a second or two, on a busy board more.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _without = [];

    public bool RequestKeyFrame() => false;

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) =>
        CameraThread.Run(options.Name, () => Supervise(new(options.Name, sink, log), stop));

    private void Supervise(CameraFeed feed, CancellationToken stop)
    {
        feed.Start();
        while (!stop.IsCancellationRequested)
        {
            var live = TimeSpan.Zero;
            var (program, reason) = RpicamCommandLine.FindProgram(options);
            if (program is null)
                feed.Refuse(reason);
            else
                live = RunOnce(program, feed, stop);
            if (stop.IsCancellationRequested)
                return;
            var delay = backoff.Next(live);
            log.Restarting(options.Name, delay.TotalSeconds);
            stop.WaitHandle.WaitOne(delay);
        }
    }

    /// <returns>How long it gave pictures.</returns>
    private TimeSpan RunOnce(string program, CameraFeed feed, CancellationToken stop)
    {
        var arguments = RpicamCommandLine.Arguments(options, _without);
        using var reader = new PictureReader(pool);
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
            var (first, stalled) = Read(process, reader, feed, stop);
            var how = process.End();
            if (stop.IsCancellationRequested)
                return TimeSpan.Zero;
            if (process.Lines.Count > 0)
                log.ProcessSaid(options.Name, string.Join('\n', process.Lines));
            Explain(process, reader, feed, how, stalled);
            return first is { } at ? clock() - at : TimeSpan.Zero;
        }
    }

    /// <summary>Reads until the end, a fault or a stall.</summary>
    private (Instant? First, bool Stalled) Read(CameraProcess process, PictureReader reader, CameraFeed feed, CancellationToken stop)
    {
        var quiet = process.HasLargePipe ? QuietMs : QuietMsSmallPipe;
        var last = clock();
        var premature = 0L;
        Instant? first = null;
        var isPictureOpen = false;
        while (!stop.IsCancellationRequested)
        {
            var isReadable = process.WaitForOutput(isPictureOpen ? quiet : WaitMs);
            if (isReadable)
            {
                var count = process.Read(reader.GetMemory(Chunk).Span[..Chunk]);
                if (count == 0)
                    return (first, false);
                reader.Advance(count, clock());
                isPictureOpen = true;
            }
            else if (isPictureOpen)
            {
                reader.Flush();
                isPictureOpen = false;
            }

            while (reader.TryRead() is { } unit)
            {
                using (unit)
                    feed.Give(unit, reader);
                last = clock();
                first ??= last;
            }

            if (reader.Fault is not null || (!reader.HasParameterSets && reader.Bytes > LongestNonsense))
                return (first, false);
            if (clock() - last > StallTimeout(reader))
                return (first, true);
            if (reader.PrematureFlushes > premature)
            {
                premature = reader.PrematureFlushes;
                quiet = Lengthen(quiet);
            }
        }

        return (first, false);
    }

    private TimeSpan StallTimeout(PictureReader reader)
    {
        var configured = TimeSpan.FromSeconds(options.StallTimeoutSeconds);
        return reader.Pictures == 0 && configured < StartTimeout ? StartTimeout : configured;
    }

    private int Lengthen(int quiet)
    {
        var longer = Math.Min(quiet * 2, LongestQuietMs);
        if (longer > quiet)
            log.FlushedTooEarly(options.Name, quiet, longer);
        return longer;
    }

    private void Explain(CameraProcess process, PictureReader reader, CameraFeed feed, string how, bool stalled)
    {
        var said = process.Lines.Count > 0 ? $": {process.Lines.Last()}" : ".";
        if (reader.Fault is { } fault)
            feed.Refuse(fault);
        else if (reader.Pictures == 0 && FindUnknownOption(process) is { } option)
            DropOption(option);
        else if (!reader.HasParameterSets && reader.Bytes > 1024)
        {
            feed.Refuse($"What the camera's process writes to stdout is not H.264 in Annex B format ({reader.Bytes} bytes without a picture): "
                + "check Command and ExtraArguments.");
        }
        else if (stalled)
            feed.Lose($"No picture for {StallTimeout(reader).TotalSeconds:0} s; the camera's process is restarted{said}");
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
