using System.Text.Json;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;
using static EdgeCam.Agent.Control.PtzParameters;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>ptz</c>: ONVIF's moves, and control that one operator has at a time.</summary>
/// <param name="heads">By the camera that each carries.</param>
/// <param name="clock">The loop's: when a message arrives counts, not when the loop comes to it.</param>
internal sealed class PtzMethods(IReadOnlyDictionary<string, PtzHead> heads, DeviceLoop loop, Func<Instant> clock)
{
    private static readonly ControlParameter[] s_stopped =
    [
        new("pan", ParameterKind.Flag, "It too; all of them where none is named."),
        new("tilt", ParameterKind.Flag, "It too."),
        new("zoom", ParameterKind.Flag, "It too."),
    ];

    public IEnumerable<ControlMethod> Create() =>
    [
        Move(
            "ptz.continuousMove", "Moves at a speed until told otherwise. Over a data channel each axis stops by itself soon after the last message that named it: repeat it each 100 ms.",
            [
                .. Axes("Velocity, a fraction of the top speed", -1, 1, -1, 1),
                new("timeout", ParameterKind.Number, "It stops after so long. Required over MQTT.", Minimum: 50, Maximum: 10_000, Unit: "ms"), Sequence,
            ],
            isFast: true,
            (head, caller, given, now) => head.ContinuousMove(caller, Vector(given), given.Milliseconds("timeout"), given.Integer("seq"), now)),
        Move(
            "ptz.absoluteMove", "Goes to a position. Over a data channel it stops where the viewer falls silent: send ptz.alive each 100 ms.",
            [.. Axes("Position", -1, 1, 0, 1), Speed, Sequence], isFast: false,
            (head, caller, given, now) => head.AbsoluteMove(caller, Vector(given), given.Number("speed") ?? 1, given.Integer("seq"), now)),
        Move(
            "ptz.relativeMove", "Goes some way from where it is, to the end at most. ptz.alive keeps it going.",
            [.. Axes("Displacement", -2, 2, -1, 1), Speed, Sequence], isFast: false,
            (head, caller, given, now) => head.RelativeMove(caller, Vector(given), given.Number("speed") ?? 1, given.Integer("seq"), now)),
        Move(
            "ptz.alive", "Keeps the caller's own moves to a position going: a notification each 100 ms while something moves.", [], isFast: true,
            (head, caller, _, now) =>
            {
                head.Hear(caller, now);
                return null;
            }),
        Move(
            "ptz.stop", "Stops, whoever holds control.", [.. s_stopped, Sequence], isFast: true,
            (head, caller, given, now) => head.Stop(caller, Stopped(given), given.Integer("seq"), now), isUrgent: true),
        Move("ptz.home", "Goes to the home position, straight ahead and wide where none was set. ptz.alive keeps it going.", [Speed], isFast: false, (head, caller, given, now) => head.GoHome(caller, given.Number("speed") ?? 1, now)),
        Move("ptz.setHome", "Makes the present position the home position.", [], isFast: false, (head, caller, _, now) => head.SetHome(now)),
        Move(
            "ptz.gotoPreset", "Goes to a preset. ptz.alive keeps it going.", [Token, Speed], isFast: false,
            (head, caller, given, now) => head.GoToPreset(caller, given.Text("token")!, given.Number("speed") ?? 1, now)),
        Move("ptz.removePreset", "Forgets a preset.", [Token], isFast: false, (head, caller, given, now) => head.RemovePreset(caller, given.Text("token")!, now)),
        Move("ptz.release", "Gives control back.", [], isFast: false, (head, caller, _, now) =>
        {
            head.Release(caller, now);
            return null;
        }),
        new(
            "ptz.acquire", AccessScope.Ptz, "Takes control, which any move does by itself where nobody has it.",
            [new("force", ParameterKind.Flag, "Takes it from another: where the head has stood for 2 s, or with the scope manage."), Camera],
            call => AskAsync(call, (head, caller, now) => (head.Acquire(caller, call.Arguments.Flag("force") ?? false, now), head.Status(now)),
                (writer, status) => PtzStatusJson.WriteControl(writer, status, call.Caller))),
        new(
            "ptz.status", AccessScope.View, "Tells where the head is, how it does and who controls it.", [Camera],
            call => AskAsync<PtzStatus>(call, (head, _, now) => (null, head.Status(now)), (writer, status) => PtzStatusJson.Write(writer, status, call.Caller))),
        new(
            "ptz.presets", AccessScope.View, "Lists the presets.", [Camera],
            call => AskAsync<IReadOnlyList<PtzPreset>>(call, (head, _, _) => (null, head.Presets.All), PtzPresetJson.WriteList)),
        new(
            "ptz.presetThumbnail", AccessScope.View, "Gives a preset's picture, a JPEG in base64.", [Token, Camera],
            call => AskAsync(call, (head, _, _) => (Missing(head.Presets.Find(call.Arguments.Text("token")!)), head.Presets.Find(call.Arguments.Text("token")!)), (writer, preset) => WriteOne(writer, "thumbnail", preset!.Thumbnail!))),
        new(
            "ptz.setPreset", AccessScope.Ptz, $"Makes the present position a preset; there are at most {PtzPresets.MaxPresets}.",
            [
                new("name", ParameterKind.Text, "For people.", IsRequired: true, 1, PtzPresets.MaxName),
                Token with { IsRequired = false, Description = "Overwrites that one." },
                new("scope", ParameterKind.Text, "Needed to go there, overwrite or remove it.", Values: AccessScopes.Words(AccessScope.All)),
                new("thumbnail", ParameterKind.Text, $"A JPEG picture of at most {PtzPresets.MaxThumbnail} bytes, in base64.", Maximum: PtzPresets.MaxThumbnail * 4 / 3),
                Camera,
            ],
            call => AskAsync(call, (head, caller, now) => Swap(head.SetPreset(
                caller, call.Arguments.Text("name")!, call.Arguments.Text("token"), Scope(call.Arguments.Text("scope")), call.Arguments.Text("thumbnail"), now)),
                (writer, token) => WriteOne(writer, "token", token!))),
    ];

    private static (PtzRefusal? Refusal, string? Token) Swap((string? Token, PtzRefusal? Refusal) set) => (set.Refusal, set.Token);

    private static PtzRefusal? Missing(PtzPreset? preset) =>
        preset is null ? PtzRefusal.NotFound("no such preset") : preset.Thumbnail is null ? PtzRefusal.NotFound("that preset has no picture") : null;

    private static AccessScope? Scope(string? word) => word is not null && AccessScopes.TryParseWord(word, out var scope) ? scope : null;

    private static PtzVector Vector(ControlArguments given) => new(given.Number("pan"), given.Number("tilt"), given.Number("zoom"));

    private static PtzAxis[] Stopped(ControlArguments given)
    {
        PtzAxis[] named = [.. Enum.GetValues<PtzAxis>().Where(axis => given.Flag(PtzNames.Of(axis)) == true)];
        return named.Length > 0 ? named : Enum.GetValues<PtzAxis>();
    }

    private static void WriteOne(Utf8JsonWriter writer, string name, string value)
    {
        writer.WriteStartObject();
        writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    /// <summary>One whose result says no more than that it was done.</summary>
    private ControlMethod Move(
        string name, string description, IReadOnlyList<ControlParameter> parameters, bool isFast, Func<PtzHead, PtzCaller, ControlArguments, Instant, PtzRefusal?> action, bool isUrgent = false) =>
        new(name, AccessScope.Ptz, description, [.. parameters, Camera],
            call => AskAsync(call, (head, caller, now) => (action(head, caller, call.Arguments, now), true), static (writer, _) =>
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }, isUrgent),
            isFast);

    private async ValueTask<ControlError?> AskAsync<T>(ControlCall call, Func<PtzHead, PtzCaller, Instant, (PtzRefusal?, T)> action, Action<Utf8JsonWriter, T> write, bool isUrgent = false)
    {
        if (Find(call) is not { } head)
            return ControlError.NotFound(heads.Count == 0 ? "this device has no PTZ head" : "no such head; name a camera that has one");
        var caller = new PtzCaller(call.Caller.Id, call.Caller.Access, call.Caller.Origin != CallerOrigin.Mqtt, clock());
        try
        {
            var (refusal, result) = await loop.InvokeAsync(now => action(head, caller, now), isUrgent);
            if (refusal is not null)
                return Error(refusal);
            write(call.Result, result);
            return null;
        }
        catch (DeviceLoopBusyException busy)
        {
            return ControlError.Unavailable(busy.Message, "Try again in a moment");
        }
    }

    private PtzHead? Find(ControlCall call) => (call.Arguments.Text("camera") ?? call.Caller.Camera) is { } camera
        ? heads.GetValueOrDefault(camera)
        : heads.Count == 1 ? heads.Values.First() : null;

    private static ControlError Error(PtzRefusal refusal) => refusal.Kind switch
    {
        PtzRefusalKind.NotFound => ControlError.NotFound(refusal.What),
        PtzRefusalKind.OutOfRange => ControlError.OutOfRange(refusal.What),
        PtzRefusalKind.Held => ControlError.Held(refusal.Holder!, refusal.ExpiresIn),
        PtzRefusalKind.LetGo => ControlError.Held("", default) with { Message = refusal.What, Remedy = refusal.Remedy, Holder = null, ExpiresIn = null },
        PtzRefusalKind.Unavailable => ControlError.Unavailable(refusal.What, refusal.Remedy!),
        PtzRefusalKind.Forbidden => ControlError.Forbidden(refusal.Scope),
        _ => ControlError.BadParameters(refusal.What),
    };
}
