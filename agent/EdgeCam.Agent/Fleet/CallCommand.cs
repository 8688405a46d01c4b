using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet call</c>: any method, at one device or many.</summary>
internal static class CallCommand
{
    private const string Usage = "edgecam fleet call DEVICES METHOD [JSON]";

    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        // With --all or --group no word is a device; else the method is the word with a dot in it, which no device's name has.
        var at = arguments.Words.ToList().FindIndex(static word => word.Contains('.', StringComparison.Ordinal));
        if (at < 0 || arguments.Words.Count > at + 2)
            throw FleetException.Usage($"a method such as device.info is missing, or something stands behind its parameters: {Usage}");
        var (method, text) = (arguments.Words[at], arguments.Words.ElementAtOrDefault(at + 1));
        if (text is not null && arguments.Text("--params") is not null)
            throw FleetException.Usage($"parameters stand there twice: {Usage}, or --params FILE");
        var parameters = JsonFiles.Object(text, arguments.Text("--params"), "--params");
        var targets = await DeviceNames.Of(arguments.FirstWords(at)).FindAsync(session);
        await session.Calls.BeginAsync(targets.Count == 1 ? targets[0].Device : "+", session.Stop);
        return await ManyDevices.RunAsync(session, targets, arguments.Number("--parallel", ManyDevices.UsualParallel, 1, 256), async (target, stop) =>
        {
            var answer = await session.Calls.CallAsync(target.Device, method, parameters?.DeepClone(), stop);
            if (answer.Error is { } error)
                return DeviceOutcome.Of(target.Device, error);
            var result = FleetConsole.Node(answer.Result);
            return DeviceOutcome.Done(target.Device, targets.Count == 1 ? FleetConsole.Pretty(answer.Result) : FleetConsole.Short(result), result);
        });
    }
}
