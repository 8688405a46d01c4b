using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Control;

namespace EdgeCam.Agent;

/// <summary>
/// The controls of device nodes, by a descriptor of their own each time: the camera's thread is not asked, and its picture goes on. One
/// request at a time; a driver that does not answer holds one thread, and whoever asks meanwhile is told.
/// </summary>
/// <param name="cameras">As they are configured now.</param>
internal sealed class CameraControls(Func<IReadOnlyList<CameraOptions>> cameras, IV4l2System system, TimeProvider time) : ICameraControls
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private int _isBusy;

    public async ValueTask<(ControlError? Error, string Camera, IReadOnlyList<CameraControl> Controls)> ListAsync(string? camera)
    {
        var error = Find(camera, out var path, out var name);
        if (error is not null)
            return (error, "", []);
        (error, var controls) = await AskAsync(path, static node => (IReadOnlyList<CameraControl>)[.. node.ListControls().Where(static control => control.IsPicture).Select(control => Describe(node, control))]);
        return (error, name, controls ?? []);
    }

    public async ValueTask<(ControlError? Error, CameraControl? Control)> SetAsync(string? camera, string name, long value)
    {
        var error = Find(camera, out var path, out _);
        if (error is not null)
            return (error, null);
        (error, var outcome) = await AskAsync(path, node => Set(node, name, value));
        return error is not null ? (error, null) : outcome;
    }

    private static (ControlError? Error, CameraControl? Control) Set(IV4l2Node node, string name, long value)
    {
        if (node.ListControls().FirstOrDefault(control => control.IsPicture && control.Name == name) is not { } known)
            return (ControlError.NotFound($"control {name}") with { Remedy = "camera.controls lists them" }, null);
        if (known.FindMistake(value) is { } mistake)
            return (ControlError.BadParameters(mistake), null);
        if (known.IsInactive)
            return (ControlError.Unavailable($"{name} cannot be set now", "Switch off what sets it instead, such as automatic exposure or white balance"), null);
        if (PictureControls.TrySet(node, known, (int)value) is { } reason)
            return (ControlError.Unavailable($"the driver refuses it: {reason}", "Try another value"), null);
        return (null, Describe(node, node.ListControls().FirstOrDefault(control => control.Id == known.Id) ?? known));
    }

    private static CameraControl Describe(IV4l2Node node, V4l2ControlInfo control) => new(
        control.Name, control.Label, control.Kind switch
        {
            V4l2ControlKind.Switch => "switch",
            V4l2ControlKind.Button => "button",
            V4l2ControlKind.Menu or V4l2ControlKind.NumberMenu => "menu",
            _ => "number",
        },
        control.Minimum, control.Maximum, control.Step, control.Default, control.HasValue ? node.GetControl(control.Id) : null, !control.IsInactive, control.Menu);

    private ControlError? Find(string? camera, out string path, out string name)
    {
        var known = cameras();
        var options = camera is null ? known is [var first, ..] ? first : null : known.FirstOrDefault(options => options.Name == camera);
        (path, name) = ("", options?.Name ?? "");
        if (options is null)
            return ControlError.NotFound($"camera {camera}");
        if (!options.Source.StartsWith(V4l2Source.Scheme, StringComparison.Ordinal))
            return ControlError.Unavailable($"{options.Name} is no device node", "Of rpicam the picture is set by extraArguments, such as --brightness");
        path = options.Source[V4l2Source.Scheme.Length..];
        return null;
    }

    private async ValueTask<(ControlError? Error, T? Result)> AskAsync<T>(string path, Func<IV4l2Node, T> question)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
            return (ControlError.TooMany with { Message = "Too many requests: the camera has not answered the one before", Remedy = "Ask again in a moment" }, default);
        var answer = Task.Run(() =>
        {
            try
            {
                using var node = system.Open(path);
                return question(node);
            }
            finally
            {
                Volatile.Write(ref _isBusy, 0);
            }
        });
        try
        {
            return (null, await answer.WaitAsync(s_patience, time));
        }
        catch (V4l2Exception failure)
        {
            return (ControlError.Unavailable(V4l2Faults.Explain(path, failure, isLoopback: false).Detail, "See camera's state in the status"), default);
        }
        catch (TimeoutException)
        {
            return (ControlError.Unavailable("the camera's driver does not answer", "Look at the device's log"), default);
        }
    }
}
