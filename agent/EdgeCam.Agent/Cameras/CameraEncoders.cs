using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>What a camera whose pictures the agent encodes keeps from one run to the next: what others ask of its encoders, and which ones are taken.</summary>
internal sealed class CameraEncoders
{
    private readonly CameraOptions _options;
    private readonly AccessUnitPool _pool;
    private readonly ILogger _log;
    private readonly RegionOfInterest? _region;
    private readonly EncoderChooser _chooser;
    private readonly EncoderControl _sub;

    /// <param name="system">Where the board's encoder is.</param>
    /// <param name="region">The part of the pictures to encode; null: always all of them.</param>
    public CameraEncoders(CameraOptions options, AccessUnitPool pool, Func<Instant> clock, ILogger log, IV4l2System system, RegionOfInterest? region)
    {
        (_options, _pool, _log, _region) = (options, pool, log, region);
        var substream = options.MayEncode ? EncoderPlan.From(options).Substream : null;
        Main = new(options.Bitrate);
        _sub = new(substream?.Bitrate ?? 0);
        Substream = substream is null ? null : new(_sub);
        _chooser = new(options, system, clock, log);
    }

    public EncoderControl Main { get; }

    /// <summary>Null where there is none.</summary>
    public SubstreamSource? Substream { get; }

    /// <summary>For one run.</summary>
    /// <exception cref="EncoderException">There is no encoder for the main stream.</exception>
    public AgentEncoders Open(EncoderPlan plan, CameraFeed feed)
    {
        var main = new EncoderOutput(plan.Main, Main, feed, _pool, _chooser.Open);
        try
        {
            var sub = plan.Substream is not null && Substream?.Sink is { } sink
                ? new SubstreamOutput(plan, _sub, new($"{_options.Name} (substream)", sink, _log), _pool, _chooser.OpenBeside, _chooser.BlameBeside)
                : null;
            return new(main, sub, _region is null ? null : new(plan.Main, _region), _chooser.Blame);
        }
        catch
        {
            main.Dispose();
            throw;
        }
    }
}
