using System.Text;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>A device node through the kernel's calls.</summary>
internal sealed unsafe class V4l2Device(SafeFileHandle node) : IV4l2Node
{
    private const int MaxFormats = 64; // no driver has so many; a broken one may never say EINVAL

    private readonly List<(nint Address, uint Length)> _buffers = [];
    private bool _isStarted;

    public V4l2Identity Identify()
    {
        var told = default(KernelStructures.Capability);
        Call(V4l2Calls.Identify, KernelConstants.QueryCapability, ref told);
        var capabilities = (told.OfDevice & KernelConstants.HasNodeCapabilities) != 0 ? told.OfNode : told.OfDevice;
        return new(Text(told.Driver, 16), Text(told.Card, 32), (V4l2Capabilities)capabilities);
    }

    public IReadOnlyList<V4l2PixelFormat> ListFormats()
    {
        var formats = new List<V4l2PixelFormat>();
        for (var i = 0u; i < MaxFormats; i++)
        {
            var told = new KernelStructures.FormatDescription { Index = i, Type = KernelConstants.VideoCapture };
            var error = LibC.Control(node, KernelConstants.EnumerateFormats, ref told);
            if (error == V4l2Exception.Invalid)
                break; // the end of the list
            Check(V4l2Calls.ListFormats, error);
            formats.Add(new(told.PixelFormat, Text(told.Description, 32)));
        }

        return formats;
    }

    public V4l2Format SetFormat(uint fourCc, int width, int height)
    {
        var format = new KernelStructures.Format { Type = KernelConstants.VideoCapture, PixelFormat = fourCc, Width = (uint)width, Height = (uint)height };
        Call(V4l2Calls.SetFormat, KernelConstants.SetFormat, ref format);
        return new(format.PixelFormat, (int)format.Width, (int)format.Height, (int)Math.Min(format.SizeImage, int.MaxValue));
    }

    public double? SetRate(int picturesPerSecond)
    {
        var parameters = new KernelStructures.StreamParameters { Type = KernelConstants.VideoCapture };
        if (LibC.Control(node, KernelConstants.GetParameters, ref parameters) != 0)
            return null;
        if ((parameters.Capability & KernelConstants.TimePerFrame) != 0 && parameters.Denominator != (long)picturesPerSecond * parameters.Numerator)
        {
            var wanted = new KernelStructures.StreamParameters { Type = KernelConstants.VideoCapture, Numerator = 1, Denominator = (uint)picturesPerSecond };
            if (LibC.Control(node, KernelConstants.SetParameters, ref wanted) == 0)
                parameters = wanted;
        }

        return parameters is { Numerator: > 0, Denominator: > 0 } ? (double)parameters.Denominator / parameters.Numerator : null;
    }

    public V4l2Control? FindControl(uint id)
    {
        var told = new KernelStructures.QueryControl { Id = id };
        return LibC.Control(node, KernelConstants.QueryControl, ref told) == 0 && (told.Flags & KernelConstants.ControlLocked) == 0
            ? new(told.Minimum, told.Maximum)
            : null;
    }

    public void SetControl(uint id, int value)
    {
        var control = new KernelStructures.Control { Id = id, Value = value };
        Call(V4l2Calls.SetControl, KernelConstants.SetControl, ref control);
    }

    public int MapBuffers(int wanted)
    {
        var request = new KernelStructures.RequestBuffers { Count = (uint)wanted, Type = KernelConstants.VideoCapture, Memory = KernelConstants.MappedMemory };
        Call(V4l2Calls.RequestBuffers, KernelConstants.RequestBuffers, ref request);
        if (request.Count == 0)
            throw new V4l2Exception(V4l2Calls.RequestBuffers, V4l2Exception.NoMemory);
        for (var i = 0u; i < request.Count; i++)
        {
            var buffer = Buffer(i);
            Call(V4l2Calls.QueryBuffer, KernelConstants.QueryBuffer, ref buffer);
            _buffers.Add((LibC.Map(node, buffer.Length, buffer.Offset), buffer.Length));
        }

        return _buffers.Count;
    }

    public void Start()
    {
        Subscribe(KernelConstants.EventSourceChange);
        Subscribe(KernelConstants.EventEndOfStream);
        for (var i = 0; i < _buffers.Count; i++)
            Queue((uint)i);
        var type = (int)KernelConstants.VideoCapture;
        Call(V4l2Calls.Start, KernelConstants.StreamOn, ref type);
        _isStarted = true;
    }

    public V4l2Signals Wait(int milliseconds) => LibC.Poll(node, milliseconds);

    public V4l2Events TakeEvents()
    {
        var events = V4l2Events.None;
        var told = default(KernelStructures.Event);
        for (var i = 0; i < MaxFormats && LibC.Control(node, KernelConstants.DequeueEvent, ref told) == 0; i++)
        {
            events |= told.Type switch
            {
                KernelConstants.EventSourceChange => V4l2Events.SourceChanged,
                KernelConstants.EventEndOfStream => V4l2Events.Ended,
                _ => V4l2Events.None,
            };
        }

        return events;
    }

    public bool TryTake(out V4l2Frame frame)
    {
        var buffer = Buffer(0);
        var error = LibC.Control(node, KernelConstants.DequeueBuffer, ref buffer);
        frame = default;
        if (error == V4l2Exception.Again)
            return false;
        Check(V4l2Calls.Dequeue, error);
        if (buffer.Index >= _buffers.Count)
            throw new V4l2Exception(V4l2Calls.Dequeue, V4l2Exception.Invalid);
        var isWhole = buffer.BytesUsed <= _buffers[(int)buffer.Index].Length;
        var isDamaged = (buffer.Flags & KernelConstants.BufferDamaged) != 0 || !isWhole;
        frame = new((int)buffer.Index, isWhole ? (int)buffer.BytesUsed : 0, buffer.Sequence, CapturedAt(buffer), isDamaged);
        return true;
    }

    public ReadOnlySpan<byte> Bytes(in V4l2Frame frame) => new((void*)_buffers[frame.Index].Address, frame.Length);

    public void GiveBack(in V4l2Frame frame) => Queue((uint)frame.Index);

    public void Dispose()
    {
        if (node.IsClosed)
            return;
        var type = (int)KernelConstants.VideoCapture;
        if (_isStarted)
            _ = LibC.Control(node, KernelConstants.StreamOff, ref type); // a device that is gone refuses it
        foreach (var (address, length) in _buffers)
            LibC.Unmap(address, length);
        _buffers.Clear();
        node.Dispose();
    }

    /// <summary>The kernel's monotonic clock is the agent's (Stopwatch reads CLOCK_MONOTONIC), to its microsecond.</summary>
    private static Instant? CapturedAt(in KernelStructures.Buffer buffer) =>
        (buffer.Flags & KernelConstants.TimestampMask) == KernelConstants.TimestampMonotonic && buffer.Seconds is >= 0 and < 1L << 32
            ? new((buffer.Seconds * TimeSpan.TicksPerSecond) + (buffer.Microseconds * TimeSpan.TicksPerMicrosecond))
            : null;

    private static KernelStructures.Buffer Buffer(uint index) =>
        new() { Index = index, Type = KernelConstants.VideoCapture, Memory = KernelConstants.MappedMemory };

    private static string Text(byte* bytes, int size)
    {
        var all = new ReadOnlySpan<byte>(bytes, size);
        var end = all.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? all : all[..end]).Trim();
    }

    private void Queue(uint index)
    {
        var buffer = Buffer(index);
        Call(V4l2Calls.Queue, KernelConstants.QueueBuffer, ref buffer);
    }

    private void Subscribe(uint type)
    {
        var subscription = new KernelStructures.EventSubscription { Type = type };
        _ = LibC.Control(node, KernelConstants.SubscribeEvent, ref subscription); // most cameras have no such event
    }

    private void Call<T>(string name, uint request, ref T argument)
        where T : unmanaged => Check(name, LibC.Control(node, request, ref argument));

    private static void Check(string name, int error)
    {
        if (error != 0)
            throw new V4l2Exception(name, error);
    }
}
