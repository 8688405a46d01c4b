using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management.Update;

namespace EdgeCam.Agent;

/// <summary>Updates, put together: the service, its way to download, and its methods.</summary>
internal sealed class UpdatePlane : IDisposable
{
    private readonly HttpMessageInvoker _http = UpdateDownload.CreateHttp();
    private readonly UpdateService _service;

    /// <param name="health">How the device does, which confirms a version on trial.</param>
    /// <param name="tell">Publishes an event over MQTT: its kind, and JSON. Must not wait.</param>
    /// <param name="areSettingsTried">Settings are on trial: nothing is installed meanwhile.</param>
    public UpdatePlane(
        UpdateDevice device, Func<UpdateHealth> health, Action<string, byte[]> tell, Func<bool> areSettingsTried, TimeProvider time, ILogger<UpdateService> log, Progress progress)
    {
        _service = new(
            device, new UpdateDownload(_http, time, Random.Shared.NextDouble, log).FetchAsync, health,
            said => tell("update", JsonSerializer.SerializeToUtf8Bytes(said, UpdateJson.Default.UpdateEvent)), time, log, progress, areSettingsTried);
        Methods = UpdateMethods.Create(
            result => JsonSerializer.Serialize(result, _service.Report(), UpdateJson.Default.UpdateReport),
            (url, manifest) => Refusal(_service.Install(url, manifest)), () => Refusal(_service.Cancel()));
    }

    public IEnumerable<ControlMethod> Methods { get; }

    /// <inheritdoc cref="UpdateService.TryApart"/>
    public bool TryApart(Action work) => _service.TryApart(work);

    public Task RunAsync(CancellationToken stop) => _service.RunAsync(stop);

    public void Dispose() => _http.Dispose();

    private static ControlError? Refusal(UpdateRefusal? refusal) =>
        refusal is null ? null : ControlError.Refused(refusal.Reason, refusal.Problem, refusal.Remedy);
}
