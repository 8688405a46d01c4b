using System.Text.Json;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>recording</c>. Whoever has the scope <c>record</c> records, sees what there is, and reads and deletes it: by id, never by a path.</summary>
internal static class RecordingMethods
{
    private const int MaxName = 32;
    private const int MaxLabel = 64;
    private const int MaxSeconds = 86_400;
    private const int MostListed = 100;
    private const int UsuallyListed = 50;

    private static readonly ControlParameter s_id = new("id", ParameterKind.Text, "Of the recording, as recording.list gives it.", IsRequired: true, Minimum: 1, Maximum: SegmentId.MaxLength);

    // On other threads than the caller's, where the disk is read or written, or there are many to look through.
    public static IEnumerable<ControlMethod> Create(RecordingService service)
    {
        yield return ControlMethod.Immediate(
            "recording.start", AccessScope.Record, "Records a camera, with the pictures since its latest key frame in front. Where it records already, it goes on for so long from now.",
            [
                Camera(isRequired: true),
                new("seconds", ParameterKind.Integer, "Ends by itself after so long; without it, by recording.stop.", Minimum: 1, Maximum: MaxSeconds, Unit: "s"),
                new("label", ParameterKind.Text, "For people: what it shows.", Minimum: 1, Maximum: MaxLabel),
            ],
            call => Start(call, service));
        yield return new("recording.stop", AccessScope.Record, "Ends what recording.start began. It answers when all is on the disk.", [Camera(isRequired: true)], call => StopAsync(call, service));
        yield return new("recording.status", AccessScope.Record, "Tells what is recorded, how much room it takes, and what is wrong.", [], call => OnDiskAsync(() => Tell(call, service)));
        yield return new(
            "recording.list", AccessScope.Record, "Lists recordings, the newest first. Each is a file of MP4, which /recording/ID.mp4 serves.",
            [
                Camera(isRequired: false),
                new("from", ParameterKind.Integer, "Only what ends after it, in milliseconds since 1970.", Minimum: 0, Maximum: MaxTime, Unit: "ms"),
                new("to", ParameterKind.Integer, "Only what begins before it.", Minimum: 0, Maximum: MaxTime, Unit: "ms"),
                new("limit", ParameterKind.Integer, $"At most so many; {UsuallyListed} where it is left out.", Minimum: 1, Maximum: MostListed),
                new("cursor", ParameterKind.Integer, "What next said: those that follow.", Minimum: 0, Maximum: int.MaxValue),
            ],
            call => OnDiskAsync(() => List(call, service.Store)));
        yield return new("recording.delete", AccessScope.Record, "Deletes a recording.", [s_id], call => OnDiskAsync(() => Delete(call, service.Store)));
        yield return new(
            "recording.read", AccessScope.Record, "Gives a piece of a recording. All that there is of one that is being written can be read, too.",
            [
                s_id,
                PieceJson.Offset with { Maximum = long.MaxValue },
                new("length", ParameterKind.Integer, $"At most so long; {PieceJson.MaxLength} where it is left out.", Minimum: 1, Maximum: PieceJson.MaxLength, Unit: "By"),
            ],
            call => ReadAsync(call, service.Store));
    }

    private const long MaxTime = 253_402_300_799_999; // the end of the year 9999

    private static ControlParameter Camera(bool isRequired) => new("camera", ParameterKind.Text, isRequired ? "Which." : "Only of this one.", isRequired, Minimum: 1, Maximum: MaxName);

    private static ValueTask<ControlError?> OnDiskAsync(Func<ControlError?> work) => new(Task.Run(work));

    private static ControlError? Start(ControlCall call, RecordingService service)
    {
        var camera = call.Arguments.Text("camera")!;
        if (service.Find(camera) is not { } recorder)
            return ControlError.NotFound("that camera");
        var mode = service.ModeOf(camera);
        if (mode == RecordingService.Off)
            return ControlError.Unavailable($"{camera} is not to be recorded", "Set recording.mode to onRequest in the device's configuration");
        if (mode == RecordingService.Continuous)
            return ControlError.Unavailable($"{camera} is recorded all the time", "recording.list has it");
        recorder.Start(call.Arguments.Integer("seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null, call.Arguments.Text("label") ?? "");
        Write(call.Result, recorder, mode);
        return null;
    }

    private static async ValueTask<ControlError?> StopAsync(ControlCall call, RecordingService service)
    {
        var camera = call.Arguments.Text("camera")!;
        if (service.Find(camera) is not { } recorder)
            return ControlError.NotFound("that camera");
        if (service.ModeOf(camera) == RecordingService.Continuous)
            return ControlError.Unavailable($"{camera} is recorded all the time", "Set recording.mode to onRequest in the device's configuration");
        try
        {
            await recorder.StopAsync().WaitAsync(RecorderLoop.DiskPatience);
        }
        catch (TimeoutException)
        {
            return ControlError.Unavailable("the disk does not answer", "recording.status tells when it does");
        }

        Write(call.Result, recorder, service.ModeOf(camera));
        return null;
    }

    private static ControlError? Tell(ControlCall call, RecordingService service)
    {
        var (writer, store) = (call.Result, service.Store);
        var (bytes, segments) = store.Size;
        writer.WriteStartObject();
        writer.WriteNumber("recordings", segments);
        writer.WriteNumber("maxRecordings", store.Limits.MaxSegments);
        if (store.Unread is > 0 and var unread)
            writer.WriteNumber("unread", unread);
        writer.WriteNumber("bytes", bytes);
        writer.WriteNumber("maxBytes", store.Limits.MaxBytes);
        if (store.Free is { } free)
            writer.WriteNumber("freeBytes", free);
        writer.WriteNumber("minFreeBytes", store.Limits.MinFree);
        if (store.Limits.MaxAge is { } age)
            writer.WriteNumber("maxAgeDays", (int)age.TotalDays);
        writer.WriteStartArray("cameras");
        foreach (var recorder in service.Recorders)
            Write(writer, recorder, service.ModeOf(recorder.Camera));
        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    private static void Write(Utf8JsonWriter writer, RecorderLoop recorder, string mode)
    {
        var (status, left) = (recorder.Status, recorder.Left);
        writer.WriteStartObject();
        writer.WriteString("camera", recorder.Camera);
        writer.WriteString("mode", mode);
        writer.WriteString("state", JsonNamingPolicy.CamelCase.ConvertName(status.State.ToString()));
        if (status.Detail.Length > 0)
            writer.WriteString("detail", status.Detail);
        if (status.Segment is { } id)
            writer.WriteString("id", id.ToString());
        if (left is { } span)
            writer.WriteNumber("secondsLeft", Math.Max(0, (long)span.TotalSeconds));
        writer.WriteEndObject();
    }

    private static ControlError? List(ControlCall call, RecordingStore store)
    {
        var given = call.Arguments;
        var most = (int)(given.Integer("limit") ?? UsuallyListed);
        var found = store.List(given.Text("camera"), Time(given.Integer("from")), Time(given.Integer("to")), given.Integer("cursor"), most + 1);
        var isAll = found.Count <= most;
        var page = found.Take(most).ToList();
        while (!isAll && page.Count > 1 && page[^1].Id.Number == found[page.Count].Id.Number) // where two have a number, the next page begins with both
            page.RemoveAt(page.Count - 1);
        var writer = call.Result;
        writer.WriteStartObject();
        writer.WriteStartArray("recordings");
        page.ForEach(segment => Write(writer, segment));
        writer.WriteEndArray();
        if (!isAll)
            writer.WriteNumber("next", page[^1].Id.Number);
        writer.WriteEndObject();
        return null;
    }

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null;

    private static void Write(Utf8JsonWriter writer, Segment segment)
    {
        writer.WriteStartObject();
        writer.WriteString("id", segment.Id.ToString());
        writer.WriteString("camera", segment.Id.Camera);
        writer.WriteNumber("start", segment.Start.ToUnixTimeMilliseconds());
        writer.WriteNumber("seconds", Math.Round(segment.Duration.TotalSeconds, 3));
        writer.WriteNumber("pictures", segment.Pictures);
        writer.WriteNumber("bytes", segment.Bytes);
        if (segment.Label.Length > 0)
            writer.WriteString("label", segment.Label);
        if (!segment.Id.IsClockSet)
            writer.WriteString("clock", "unset");
        if (segment.IsOpen)
            writer.WriteBoolean("open", true);
        writer.WriteEndObject();
    }

    private static ControlError? Delete(ControlCall call, RecordingStore store)
    {
        if (store.Find(call.Arguments.Text("id")!) is not { } segment)
            return NoSuch();
        if (segment.IsOpen)
            return ControlError.Unavailable("it is being written", "Call recording.stop first");
        try
        {
            store.Delete(segment.Id);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return ControlError.Unavailable(DiskFault.InWords(failure), "recording.status tells more");
        }

        call.Result.WriteStartObject();
        call.Result.WriteEndObject();
        return null;
    }

    private static async ValueTask<ControlError?> ReadAsync(ControlCall call, RecordingStore store)
    {
        var given = call.Arguments;
        var (offset, length) = (given.Integer("offset") ?? 0, (int)(given.Integer("length") ?? PieceJson.MaxLength));
        var (reader, isBusy) = await Task.Run(() => (store.TryRead(given.Text("id")!, out var busy, isPiece: true), busy));
        if (reader is null)
            return isBusy ? ControlError.TooMany : NoSuch();
        using (reader)
        {
            if (offset > reader.Length)
                return ControlError.OutOfRange($"it has {reader.Length} bytes");
            var piece = new byte[length];
            int count;
            try
            {
                count = await reader.ReadAsync(piece, offset, CancellationToken.None);
            }
            catch (IOException failure)
            {
                return ControlError.Unavailable(DiskFault.InWords(failure), "Try again");
            }

            call.Result.WriteStartObject();
            call.Result.WriteNumber("size", reader.Length);
            PieceJson.Write(call.Result, offset, piece.AsSpan(0, count), reader.Length);
            call.Result.WriteEndObject();
            return null;
        }
    }

    private static ControlError NoSuch() => ControlError.NotFound("that recording, or it is not kept any more") with { Remedy = "recording.list has those that there are" };
}
