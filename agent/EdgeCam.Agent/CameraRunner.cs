using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent;

/// <summary>Runs a camera's source for its stream; where its settings change, another source for the same stream: viewers stay, and see pictures again with its first IDR picture.</summary>
internal sealed class CameraRunner : IDisposable
{
    private readonly Func<CameraOptions, ICameraSource> _create;
    private volatile CameraOptions _options;
    private CancellationTokenSource _change = new();

    public CameraRunner(CameraOptions options, Func<CameraOptions, ICameraSource> create)
    {
        (_options, _create) = (options, create);
        var limits = Limits(options); // it may look at the machine's encoders
        var substream = limits.HasSubstream ? new LiveStream($"{options.Name} (substream)", static () => MonotonicClock.Now) : null;
        Stream = new(options.Name, static () => MonotonicClock.Now, limits, substream);
    }

    public LiveStream Stream { get; }

    /// <summary>As they are now; called from any thread.</summary>
    public CameraOptions Options => _options;

    /// <summary>As they are now; called from any thread.</summary>
    public CameraReport Report => new(
        Stream.Name,
        Stream.State.ToString().ToLowerInvariant(),
        Stream.Info?.Width ?? _options.Width,
        Stream.Info?.Height ?? _options.Height,
        Stream.Detail.Length > 0 ? Stream.Detail : null,
        Stream.HasSubstream ? true : null);

    /// <summary>Takes other settings, from any thread. Name, encoder and whether there is a substream stay.</summary>
    /// <param name="restarts">A source with a live bitrate needs no restart for another one.</param>
    public void Change(CameraOptions options, bool restarts)
    {
        _options = options;
        Stream.SetLimits(Limits(options));
        if (!restarts)
            return;
        Interlocked.Exchange(ref _change, new()).Cancel(); // not disposed: the loop may have read it and not yet taken its token
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop, Volatile.Read(ref _change).Token);
            await Stream.RunAsync(_create(_options), scope.Token);
            if (!scope.IsCancellationRequested)
                return; // it has ended by itself, which it must not
            if (!stop.IsCancellationRequested)
                Stream.SetStarting();
        }
    }

    public void Dispose() => _change.Dispose();

    private static BitrateLimits Limits(CameraOptions options) => new(
        options.Bitrate, options.MinBitrate, options.Substream.IsGiven || EncoderChoice.For(options).MayEncode ? EncoderPlan.From(options).Substream?.Bitrate ?? 0 : 0);
}
