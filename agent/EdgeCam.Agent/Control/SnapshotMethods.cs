using System.Collections.Concurrent;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary><c>camera.snapshot</c>: a JPEG, in pieces. Bound: four are kept, each until there is a newer fifth.</summary>
internal static class SnapshotMethods
{
    private const int Kept = 4;
    private const int MaxText = 32;

    /// <param name="take">Takes a camera's name; gives the picture, or why there is none.</param>
    public static IEnumerable<ControlMethod> Create(Func<string, Task<(byte[]? Jpeg, ControlError? Error)>> take)
    {
        ConcurrentQueue<(string Id, byte[] Jpeg)> kept = new();
        yield return new(
            "camera.snapshot", AccessScope.View, "A JPEG of a camera's latest picture, with its first piece. With id and offset it gives a further piece of it.",
            [
                new("camera", ParameterKind.Text, "Which; a viewer may leave it out for what it watches.", Minimum: 1, Maximum: MaxText),
                new("id", ParameterKind.Text, "Of a snapshot that was made a moment ago.", Minimum: 1, Maximum: MaxText),
                PieceJson.Offset,
            ],
            async call =>
            {
                var offset = call.Arguments.Integer("offset") ?? 0;
                if (call.Arguments.Text("id") is { } id)
                    return kept.FirstOrDefault(snapshot => snapshot.Id == id) is { Jpeg: { } known } ? Write(call, id, known, offset) : ControlError.NotFound("that snapshot, or it is not kept any more");
                if ((call.Arguments.Text("camera") ?? call.Caller.Camera) is not { } camera)
                    return ControlError.BadParameters("camera is missing");
                var (jpeg, error) = await take(camera);
                if (jpeg is null)
                    return error;
                var made = Guid.NewGuid().ToString("N");
                kept.Enqueue((made, jpeg));
                while (kept.Count > Kept)
                    kept.TryDequeue(out _);
                return Write(call, made, jpeg, offset);
            });
    }

    private static ControlError? Write(ControlCall call, string id, byte[] jpeg, long offset)
    {
        if (offset > jpeg.Length)
            return ControlError.OutOfRange($"the picture has {jpeg.Length} bytes");
        call.Result.WriteStartObject();
        call.Result.WriteString("id", id);
        call.Result.WriteString("type", "image/jpeg");
        call.Result.WriteNumber("size", jpeg.Length);
        PieceJson.Write(call.Result, offset, PieceJson.Cut(jpeg, offset), jpeg.Length);
        call.Result.WriteEndObject();
        return null;
    }
}
