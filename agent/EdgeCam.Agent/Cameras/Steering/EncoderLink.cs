using System.Globalization;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>
/// The hardware encoder of one run of rpicam-vid, steered by us while that program streams with it: its descriptor is found and copied once
/// pictures come, and what other threads ask for is set as controls on the copy. Belongs to the camera's thread.
/// </summary>
/// <param name="controls">Which controls the encoder is steered by: on the Raspberry Pi's, V4L2_CID_MPEG_VIDEO_BITRATE and FORCE_KEY_FRAME.</param>
/// <remarks>
/// Controls of a memory-to-memory device belong to the opening (struct v4l2_fh), so that only a copy of the descriptor reaches the encoder
/// that the child uses; another opening of the same node would be another encoder.
/// </remarks>
internal sealed class EncoderLink(string camera, EncoderControl wanted, SteeringState state, IChildNodes nodes, ILogger log, SteeringControls? controls = null) : IDisposable
{
    /// <summary>After the first picture; the encoder is open before it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);

    private readonly SteeringControls _controls = controls ?? SteeringControls.Usual;
    private IEncoderNode? _node;
    private V4l2Control _range;
    private Instant? _giveUp;
    private Instant _next;
    private long _set = -1;

    /// <summary>Why it cannot be steered in this run; null while it is, or may be yet.</summary>
    public string? Refusal { get; private set; }

    /// <summary>To be called with each picture, or a few times a second.</summary>
    /// <param name="hasPictures">Before the first one nothing is looked for.</param>
    public void Turn(int processId, bool hasPictures, Instant now)
    {
        if (_node is not null)
            Apply(_node);
        else if (Refusal is null && hasPictures && now >= _next)
            Look(processId, now);
    }

    public void Dispose()
    {
        state.Set(isHeld: false, givesKeyFrames: false);
        _node?.Dispose(); // or the encoder would stay open after its program
        _node = null;
    }

    private void Look(int processId, Instant now)
    {
        _giveUp ??= now + s_patience;
        _next = now + s_again;
        string? found;
        try
        {
            found = TryTake(processId);
        }
        catch (SteeringException refused) when (refused.IsLasting)
        {
            Refusal = refused.Message;
            return;
        }
        catch (SteeringException passing)
        {
            found = passing.Message;
        }

        if (_node is not null)
            Apply(_node);
        else if (now >= _giveUp)
            Refusal = found ?? "it has no hardware encoder open";
    }

    /// <returns>What was found in place of an encoder that can be steered; null where nothing was.</returns>
    private string? TryTake(int processId)
    {
        string? other = null;
        foreach (var descriptor in nodes.List(processId))
        {
            var node = nodes.Duplicate(descriptor);
            try
            {
                other = TryTake(node, descriptor) ?? other;
            }
            catch (V4l2Exception failure)
            {
                other = $"{descriptor.Path}: {failure.Message}"; // a node of another kind
            }

            if (_node is not null)
                return null;
            node.Dispose();
        }

        return other;
    }

    private string? TryTake(IEncoderNode node, ChildDescriptor descriptor)
    {
        var device = node.Identify();
        if ((device.Capabilities & (V4l2Capabilities.MemoryToMemory | V4l2Capabilities.MemoryToMemoryMultiPlanar)) == 0)
            return null; // the sensor, or the image processor
        if (node.FindControl(_controls.Bitrate) is not { } range)
            return $"{descriptor.Path} ({device.Card}, driver {device.Driver}) has no {_controls.Name} that can be set while it runs";
        (_node, _range) = (node, range);
        state.Set(isHeld: true, givesKeyFrames: node.FindControl(_controls.KeyFrame) is not null);
        var keyFrames = state.GivesKeyFrames ? "key frames on request" : "no key frame on request";
        log.EncoderSteered(camera, string.Create(CultureInfo.InvariantCulture,
            $"{descriptor.Path} ({device.Card}, driver {device.Driver}), {_controls.Name} {range.Minimum} to {range.Maximum}, {keyFrames}"));
        return null;
    }

    private void Apply(IEncoderNode node)
    {
        try
        {
            var bitrate = wanted.Bitrate;
            if (bitrate != _set)
                node.SetControl(_controls.Bitrate, _range.Clamp((int)Math.Min(bitrate, int.MaxValue)));
            _set = bitrate;
            if (state.GivesKeyFrames && wanted.TryTakeKeyFrameRequest())
                node.SetControl(_controls.KeyFrame, 1);
        }
        catch (V4l2Exception failure)
        {
            Dispose();
            Refusal = $"its encoder refused a control: {failure.Message}";
        }
    }
}
