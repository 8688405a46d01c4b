using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>A node that captures, through the kernel's calls.</summary>
internal sealed class V4l2Device(SafeFileHandle node) : V4l2Node(node), IV4l2Node
{
    private const int MaxListed = 256; // sizes and rates of one format

    private V4l2Queue? _queue;

    private V4l2Queue Queue => _queue ??= new(
        Handle, isOutput: false, (Identify().Capabilities & (V4l2Capabilities.VideoCapture | V4l2Capabilities.VideoCaptureMultiPlanar)) == V4l2Capabilities.VideoCaptureMultiPlanar);

    public IReadOnlyList<V4l2PixelFormat> ListFormats() => Queue.ListFormats();

    public IReadOnlyList<V4l2SizeRange> ListSizes(uint fourCc)
    {
        List<V4l2SizeRange> sizes = [];
        for (var i = 0u; i < MaxListed; i++)
        {
            var told = new KernelStructures.FrameSize { Index = i, PixelFormat = fourCc };
            if (LibC.Control(Handle, KernelConstants.EnumerateSizes, ref told) != 0)
                break; // the end of the list, or there is none
            sizes.Add(told.Type == KernelConstants.Discrete
                ? new((int)told.MinWidth, (int)told.MinWidth, 1, (int)told.MaxWidth, (int)told.MaxWidth, 1)
                : new((int)told.MinWidth, (int)told.MaxWidth, (int)told.StepWidth, (int)told.MinHeight, (int)told.MaxHeight, (int)told.StepHeight));
            if (told.Type != KernelConstants.Discrete)
                break; // a range is the only one
        }

        return sizes;
    }

    public IReadOnlyList<V4l2RateRange> ListRates(uint fourCc, int width, int height)
    {
        List<V4l2RateRange> rates = [];
        for (var i = 0u; i < MaxListed; i++)
        {
            var told = new KernelStructures.FrameInterval { Index = i, PixelFormat = fourCc, Width = (uint)width, Height = (uint)height };
            if (LibC.Control(Handle, KernelConstants.EnumerateIntervals, ref told) != 0 || told.ShortestNumerator == 0)
                break;
            var fastest = (double)told.ShortestDenominator / told.ShortestNumerator;
            rates.Add(told.Type == KernelConstants.Discrete ? new(fastest, fastest) : new(told.LongestNumerator == 0 ? 0 : (double)told.LongestDenominator / told.LongestNumerator, fastest));
            if (told.Type != KernelConstants.Discrete)
                break;
        }

        return rates;
    }

    public V4l2Format SetFormat(uint fourCc, int width, int height) => Queue.SetFormat(new(fourCc, width, height, 0));

    public double? SetRate(int picturesPerSecond) => Queue.SetRate(picturesPerSecond);

    public int MapBuffers(int wanted) => Queue.Map(wanted);

    public void Start()
    {
        Subscribe(KernelConstants.EventSourceChange);
        Subscribe(KernelConstants.EventEndOfStream);
        for (var i = 0; i < Queue.Count; i++)
            Queue.Queue(i);
        Queue.Start();
    }

    public V4l2Signals Wait(int milliseconds) => LibC.Poll(Handle, milliseconds);

    public V4l2Events TakeEvents() => DequeueEvents();

    public bool TryTake(out V4l2Frame frame) => Queue.TryTake(out frame);

    public ReadOnlySpan<byte> Bytes(scoped in V4l2Frame frame) => Queue.Memory(frame.Index, 0)[..frame.Length];

    public ReadOnlySpan<byte> Plane(scoped in V4l2Frame frame, int plane) => Queue.Memory(frame.Index, plane);

    public void GiveBack(in V4l2Frame frame) => Queue.Queue(frame.Index);

    public override void Dispose()
    {
        if (Handle.IsClosed)
            return;
        _queue?.Dispose();
        base.Dispose();
    }
}
