using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>What an operator does to the device itself: <c>device.restart</c>, <c>device.reboot</c> and <c>device.diagnose</c>.</summary>
internal static class OperationMethods
{
    private const int MaxId = 64;

    public static IEnumerable<ControlMethod> Create(IDeviceOperations operations)
    {
        yield return ControlMethod.Immediate(
            "device.restart", AccessScope.Manage, "Ends the agent a second later; the service manager starts it again. Viewers have to connect anew. Not within a minute after a start.", [],
            call => operations.Restart(call.Caller.Access.Name) ?? Done(call));
        yield return new(
            "device.reboot", AccessScope.Manage, "Reboots the board. Not within five minutes after its start.", [],
            async call => await operations.RebootAsync(call.Caller.Access.Name) ?? Done(call));
        yield return new(
            "device.diagnose", AccessScope.Manage,
            "Without id: puts a file together (JSON, gzip) with versions, configuration, status, telemetry, metrics and log, without secrets, which is kept for five minutes. With id and offset: gives a piece of it.",
            [
                new("id", ParameterKind.Text, "Of the file.", Minimum: 1, Maximum: MaxId),
                PieceJson.Offset,
            ],
            call => call.Arguments.Text("id") is { } id ? ValueTask.FromResult(Give(call, operations, id)) : DiagnoseAsync(call, operations));
    }

    private static ControlError? Done(ControlCall call)
    {
        call.Result.WriteStartObject();
        call.Result.WriteEndObject();
        return null;
    }

    private static async ValueTask<ControlError?> DiagnoseAsync(ControlCall call, IDeviceOperations operations)
    {
        var (file, error) = await operations.DiagnoseAsync();
        if (file is null)
            return error;
        call.Result.WriteStartObject();
        call.Result.WriteString("id", file.Id);
        call.Result.WriteString("name", file.Name);
        call.Result.WriteNumber("size", file.Content.Length);
        call.Result.WriteString("sha256", file.Sha256);
        call.Result.WriteEndObject();
        return null;
    }

    private static ControlError? Give(ControlCall call, IDeviceOperations operations, string id)
    {
        if (operations.FindDiagnosis(id) is not { } file)
            return ControlError.NotFound("that file, or it is not kept any more") with { Remedy = "Call device.diagnose without id" };
        var offset = call.Arguments.Integer("offset") ?? 0;
        if (offset > file.Content.Length)
            return ControlError.OutOfRange($"the file has {file.Content.Length} bytes");
        call.Result.WriteStartObject();
        PieceJson.Write(call.Result, offset, PieceJson.Cut(file.Content.Span, offset), file.Content.Length);
        call.Result.WriteEndObject();
        return null;
    }
}
