namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>One installed device for tests that leave it as it was: installing takes the better part of a minute.</summary>
public sealed class SharedDevice : IAsyncLifetime
{
    private InstalledDevice? _device;

    /// <summary>The device with its usual configuration, its clock right, and the service fresh.</summary>
    internal async Task<InstalledDevice> GetAsync()
    {
        if (_device is null)
            return _device = await InstalledDevice.StartAsync();
        await _device.Guest.SetClockAsync(DateTime.UtcNow);
        await _device.Guest.OutputAsync("rm -rf /run/systemd/system/edgecam.service.d && systemctl daemon-reload");
        await _device.ConfigureAsync();
        await _device.Guest.OutputAsync("systemctl restart edgecam");
        await _device.UntilLiveAsync();
        return _device;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask; // with the first test, which may be skipped

    public ValueTask DisposeAsync() => _device?.DisposeAsync() ?? ValueTask.CompletedTask;
}
