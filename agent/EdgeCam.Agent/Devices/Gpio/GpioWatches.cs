namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Who wants to be told of which lines and PWM outputs.</summary>
internal sealed class GpioWatches
{
    private readonly Dictionary<string, HashSet<string>?> _byCaller = new(StringComparer.Ordinal);

    /// <param name="names">Null: all. They replace what the caller watched before.</param>
    public void Set(string caller, IEnumerable<string>? names) => _byCaller[caller] = names?.ToHashSet(StringComparer.Ordinal);

    public void Remove(string caller) => _byCaller.Remove(caller);

    public IReadOnlyList<string> Of(string name) => [.. _byCaller.Where(watch => watch.Value?.Contains(name) != false).Select(watch => watch.Key)];
}
