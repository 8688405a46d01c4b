using EdgeCam.Agent.Cameras.Steering;
using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras.Steering;

/// <summary>A child with a sensor and an encoder open, as rpicam-vid on a Raspberry Pi 4 has.</summary>
internal sealed class FakeChildNodes : IChildNodes
{
    public static readonly V4l2Identity Encoder = new("bcm2835-codec", "bcm2835-codec-encode", V4l2Capabilities.MemoryToMemoryMultiPlanar | V4l2Capabilities.Streaming);
    public static readonly V4l2Identity Sensor = new("unicam", "unicam", V4l2Capabilities.VideoCapture | V4l2Capabilities.Streaming);

    private readonly Lock _guard = new();
    private readonly List<(uint Id, int Value)> _set = [];

    public Dictionary<int, V4l2Identity> Open { get; } = new() { [5] = Sensor, [9] = Encoder };

    public Dictionary<uint, V4l2Control> Controls { get; } = new() { [V4l2Control.Bitrate] = new(25_000, 25_000_000), [V4l2Control.ForceKeyFrame] = new(0, 0) };

    /// <summary>Why the descriptors are not to be had; null: they are.</summary>
    public string? Refusal { get; set; }

    /// <summary>That is so just now, and may be otherwise the next time.</summary>
    public bool IsPassing { get; set; }

    /// <summary>errno of each VIDIOC_S_CTRL.</summary>
    public int SetError { get; set; }

    /// <summary>Copies that are not closed yet.</summary>
    public int Held { get; private set; }

    public IReadOnlyList<(uint Id, int Value)> Set
    {
        get
        {
            lock (_guard)
                return [.. _set];
        }
    }

    public IReadOnlyList<ChildDescriptor> List(int processId) =>
        [.. Open.Select(node => new ChildDescriptor(processId, node.Key, node.Value == Encoder ? "/dev/video11" : "/dev/video0"))];

    public IEncoderNode Duplicate(ChildDescriptor descriptor)
    {
        if (Refusal is not null)
            throw new SteeringException(Refusal, isLasting: !IsPassing);
        Held++;
        return new Node(this, Open[descriptor.Number]);
    }

    private sealed class Node(FakeChildNodes owner, V4l2Identity identity) : IEncoderNode
    {
        public V4l2Identity Identify() => identity;

        public V4l2Control? FindControl(uint id) => identity == Encoder && owner.Controls.TryGetValue(id, out var control) ? control : null;

        public void SetControl(uint id, int value)
        {
            if (owner.SetError != 0)
                throw new V4l2Exception(V4l2Calls.SetControl, owner.SetError);
            lock (owner._guard)
                owner._set.Add((id, value));
        }

        public void Dispose() => owner.Held--;
    }
}
