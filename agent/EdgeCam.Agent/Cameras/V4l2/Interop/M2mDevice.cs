using EdgeCam.Agent.Cameras.V4l2.M2m;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>A node that encodes from memory to memory, through the kernel's calls.</summary>
internal sealed class M2mDevice : V4l2Node, IM2mNode
{
    private readonly V4l2Queue _raw;
    private readonly V4l2Queue _coded;

    public M2mDevice(SafeFileHandle node)
        : base(node)
    {
        var isMultiPlanar = false;
        try
        {
            isMultiPlanar = Identify().Capabilities.HasFlag(V4l2Capabilities.MemoryToMemoryMultiPlanar);
        }
        catch (V4l2Exception)
        {
            // whoever identifies it is told
        }

        (_raw, _coded) = (new(node, isOutput: true, isMultiPlanar), new(node, isOutput: false, isMultiPlanar));
    }

    public IReadOnlyList<V4l2PixelFormat> ListFormats(M2mSide side) => Of(side).ListFormats();

    public V4l2Format SetFormat(M2mSide side, in V4l2Format wanted) => Of(side).SetFormat(wanted);

    public void Crop(int width, int height) => _raw.Crop(width, height);

    public double? SetRate(int picturesPerSecond) => _raw.SetRate(picturesPerSecond);

    public int MapBuffers(M2mSide side, int wanted) => Of(side).Map(wanted);

    public void Start(M2mSide side) => Of(side).Start();

    public void Stop(M2mSide side) => Of(side).Stop();

    public Span<byte> Memory(M2mSide side, int index, int plane) => Of(side).Memory(index, plane);

    public void Queue(M2mSide side, int index, long microseconds) => Of(side).Queue(index, microseconds);

    public V4l2Signals Wait(int milliseconds, bool forRoom) => LibC.Poll(Handle, milliseconds, forRoom);

    public V4l2Events TakeEvents() => DequeueEvents();

    public bool TryTake(M2mSide side, out V4l2Frame frame) => Of(side).TryTake(out frame);

    public void StopEncoding()
    {
        var command = new KernelStructures.EncoderCommand { Command = KernelConstants.StopEncoding };
        Check(V4l2Calls.CommandEncoder, LibC.Control(Handle, KernelConstants.CommandEncoder, ref command));
    }

    public override void Dispose()
    {
        if (Handle.IsClosed)
            return;
        _raw.Dispose();
        _coded.Dispose();
        base.Dispose();
    }

    private V4l2Queue Of(M2mSide side) => side == M2mSide.Raw ? _raw : _coded;
}
