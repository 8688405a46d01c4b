using System.Runtime.CompilerServices;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>One queue of a node's buffers, mapped, by the single-planar interface or by the multi-planar one ("Single- and multi-planar APIs").</summary>
/// <param name="isOutput">Pictures go to the device; else they come from it.</param>
internal sealed unsafe class V4l2Queue(SafeFileHandle node, bool isOutput, bool isMultiPlanar) : IDisposable
{
    public const int MaxPlanes = 3;

    private const int MaxListed = 64; // no driver has so many formats or sizes; a broken one may never say EINVAL

    private readonly uint _type = (isOutput, isMultiPlanar) switch
    {
        (false, false) => KernelConstants.VideoCapture,
        (true, false) => KernelConstants.VideoOutput,
        (false, true) => KernelConstants.VideoCaptureMultiPlanar,
        _ => KernelConstants.VideoOutputMultiPlanar,
    };

    private readonly List<Mapping> _mappings = []; // buffer by buffer, plane by plane
    private int _planes = 1;
    private bool _isStarted;

    /// <summary>Buffers.</summary>
    public int Count => _mappings.Count / _planes;

    public IReadOnlyList<V4l2PixelFormat> ListFormats()
    {
        var formats = new List<V4l2PixelFormat>();
        for (var i = 0u; i < MaxListed; i++)
        {
            var told = new KernelStructures.FormatDescription { Index = i, Type = _type };
            var error = LibC.Control(node, KernelConstants.EnumerateFormats, ref told);
            if (error == V4l2Exception.Invalid)
                break; // the end of the list
            V4l2Node.Check(V4l2Calls.ListFormats, error);
            formats.Add(new(told.PixelFormat, V4l2Node.Text(told.Description, 32)));
        }

        return formats;
    }

    /// <summary>VIDIOC_S_FMT: what comes back is what the driver made of it.</summary>
    public V4l2Format SetFormat(in V4l2Format wanted)
    {
        if (isMultiPlanar)
        {
            var planar = new KernelStructures.PlanarFormat
            {
                Type = _type, PixelFormat = wanted.FourCc, Width = (uint)wanted.Width, Height = (uint)wanted.Height, PlaneCount = (byte)V4l2PixelFormat.PlanesOf(wanted.FourCc),
                ColorSpace = wanted.Colour.Space, Encoding = (byte)wanted.Colour.Encoding, Quantization = (byte)wanted.Colour.Quantization,
            };
            planar.Planes[0] = (uint)wanted.BufferSize;
            V4l2Node.Check(V4l2Calls.SetFormat, LibC.Control(node, KernelConstants.SetFormat, ref planar));
            return Take(planar);
        }

        var format = new KernelStructures.Format
        {
            Type = _type, PixelFormat = wanted.FourCc, Width = (uint)wanted.Width, Height = (uint)wanted.Height, SizeImage = (uint)wanted.BufferSize,
            ColorSpace = wanted.Colour.Space, Private = KernelConstants.PrivateMagic, Encoding = wanted.Colour.Encoding, Quantization = wanted.Colour.Quantization,
        };
        V4l2Node.Check(V4l2Calls.SetFormat, LibC.Control(node, KernelConstants.SetFormat, ref format));
        return Take(format);
    }

    /// <summary>VIDIOC_S_PARM, where the rate is another.</summary>
    /// <returns>Pictures a second as the driver has it; null where it tells none.</returns>
    public double? SetRate(int picturesPerSecond)
    {
        var parameters = new KernelStructures.StreamParameters { Type = _type };
        if (LibC.Control(node, KernelConstants.GetParameters, ref parameters) != 0)
            return null;
        if ((parameters.Capability & KernelConstants.TimePerFrame) != 0 && parameters.Denominator != (long)picturesPerSecond * parameters.Numerator)
        {
            var wanted = new KernelStructures.StreamParameters { Type = _type, Numerator = 1, Denominator = (uint)picturesPerSecond };
            if (LibC.Control(node, KernelConstants.SetParameters, ref wanted) == 0)
                parameters = wanted;
        }

        return parameters is { Numerator: > 0, Denominator: > 0 } ? (double)parameters.Denominator / parameters.Numerator : null;
    }

    /// <summary>VIDIOC_S_SELECTION: only so much of each picture counts. Where the driver knows no such thing, all of it does.</summary>
    public void Crop(int width, int height)
    {
        // The multi-planar interface takes the single-planar type here, too (VIDIOC_G_SELECTION).
        var selection = new KernelStructures.Selection { Type = isOutput ? KernelConstants.VideoOutput : KernelConstants.VideoCapture, Target = KernelConstants.Crop, Width = (uint)width, Height = (uint)height };
        _ = LibC.Control(node, KernelConstants.SetSelection, ref selection);
    }

    /// <summary>VIDIOC_REQBUFS and VIDIOC_QUERYBUF: maps about as many buffers as wanted.</summary>
    public int Map(int wanted)
    {
        var request = new KernelStructures.RequestBuffers { Count = (uint)wanted, Type = _type, Memory = KernelConstants.MappedMemory };
        V4l2Node.Check(V4l2Calls.RequestBuffers, LibC.Control(node, KernelConstants.RequestBuffers, ref request));
        if (request.Count == 0)
            throw new V4l2Exception(V4l2Calls.RequestBuffers, V4l2Exception.NoMemory);
        var planes = stackalloc KernelStructures.Plane[MaxPlanes];
        for (var i = 0u; i < request.Count; i++)
        {
            var buffer = Buffer(i, planes);
            V4l2Node.Check(V4l2Calls.QueryBuffer, LibC.Control(node, KernelConstants.QueryBuffer, ref buffer));
            for (var plane = 0; plane < _planes; plane++)
            {
                var (length, offset) = isMultiPlanar ? (planes[plane].Length, planes[plane].Offset) : (buffer.Length, buffer.Offset);
                _mappings.Add(new() { Address = LibC.Map(node, length, offset, isOutput), Length = length });
            }
        }

        return Count;
    }

    /// <summary>VIDIOC_STREAMON.</summary>
    public void Start()
    {
        var type = (int)_type;
        V4l2Node.Check(V4l2Calls.Start, LibC.Control(node, KernelConstants.StreamOn, ref type));
        _isStarted = true;
    }

    /// <summary>VIDIOC_STREAMOFF: the driver lets go of all buffers, those of a queue that did not start, too. A device that is gone refuses it.</summary>
    public void Stop()
    {
        var type = (int)_type;
        _ = LibC.Control(node, KernelConstants.StreamOff, ref type);
        _isStarted = false;
    }

    /// <summary>VIDIOC_QBUF.</summary>
    /// <param name="microseconds">Of a picture that goes to the device: what the pictures made of it carry.</param>
    public void Queue(int index, long microseconds = 0)
    {
        var planes = stackalloc KernelStructures.Plane[MaxPlanes];
        var buffer = Buffer((uint)index, planes);
        if (isOutput)
        {
            (buffer.Seconds, buffer.Microseconds) = (microseconds / 1_000_000, microseconds % 1_000_000);
            buffer.BytesUsed = _mappings[index * _planes].Length;
            for (var i = 0; i < _planes; i++)
                planes[i].BytesUsed = planes[i].Length = _mappings[(index * _planes) + i].Length;
        }

        V4l2Node.Check(V4l2Calls.Queue, LibC.Control(node, KernelConstants.QueueBuffer, ref buffer));
    }

    /// <summary>VIDIOC_DQBUF.</summary>
    /// <returns>False where none is ready, or none will be.</returns>
    public bool TryTake(out V4l2Frame frame)
    {
        var planes = stackalloc KernelStructures.Plane[MaxPlanes];
        var buffer = Buffer(0, planes);
        var error = LibC.Control(node, KernelConstants.DequeueBuffer, ref buffer);
        frame = default;
        if (error == V4l2Exception.Again)
            return false;
        V4l2Node.Check(V4l2Calls.Dequeue, error);
        if (buffer.Index >= Count)
            throw new V4l2Exception(V4l2Calls.Dequeue, V4l2Exception.Invalid);
        var (used, isWhole) = (buffer.BytesUsed, true);
        for (var i = 0; i < _planes; i++)
        {
            var mapping = _mappings[((int)buffer.Index * _planes) + i];
            var end = isMultiPlanar ? planes[i].BytesUsed : buffer.BytesUsed;
            mapping.Offset = isMultiPlanar ? planes[i].DataOffset : 0;
            isWhole &= end <= mapping.Length && mapping.Offset <= end;
            if (i == 0)
                used = end - mapping.Offset;
            if (!isWhole)
                mapping.Offset = 0;
        }

        var isDamaged = (buffer.Flags & KernelConstants.BufferDamaged) != 0 || !isWhole;
        frame = new((int)buffer.Index, isWhole ? (int)used : 0, buffer.Sequence, CapturedAt(buffer), isDamaged)
        {
            IsKey = (buffer.Flags & KernelConstants.BufferIsKey) != 0,
            IsLast = (buffer.Flags & KernelConstants.BufferIsLast) != 0,
            Microseconds = (buffer.Seconds * 1_000_000) + buffer.Microseconds,
        };
        return true;
    }

    /// <summary>A buffer's plane, as long as it is mapped.</summary>
    public Span<byte> Memory(int index, int plane)
    {
        var mapping = _mappings[(index * _planes) + plane];
        return new((byte*)mapping.Address + mapping.Offset, (int)(mapping.Length - mapping.Offset));
    }

    /// <summary>Stops it and unmaps the buffers.</summary>
    public void Dispose()
    {
        if (_isStarted)
            Stop();
        foreach (var mapping in _mappings)
            LibC.Unmap(mapping.Address, mapping.Length);
        _mappings.Clear();
    }

    /// <summary>The kernel's monotonic clock is the agent's (Stopwatch reads CLOCK_MONOTONIC), to its microsecond.</summary>
    private static Instant? CapturedAt(in KernelStructures.Buffer buffer) =>
        (buffer.Flags & KernelConstants.TimestampMask) == KernelConstants.TimestampMonotonic && buffer.Seconds is >= 0 and < 1L << 32
            ? new((buffer.Seconds * TimeSpan.TicksPerSecond) + (buffer.Microseconds * TimeSpan.TicksPerMicrosecond))
            : null;

    private V4l2Format Take(KernelStructures.PlanarFormat format)
    {
        _planes = Math.Clamp((int)format.PlaneCount, 1, MaxPlanes);
        return new(format.PixelFormat, (int)format.Width, (int)format.Height, (int)Math.Min(format.Planes[0], int.MaxValue))
        {
            Stride = (int)format.Planes[1], Planes = format.PlaneCount, Colour = new(format.ColorSpace, format.Encoding, format.Quantization),
        };
    }

    private static V4l2Format Take(in KernelStructures.Format format) =>
        new(format.PixelFormat, (int)format.Width, (int)format.Height, (int)Math.Min(format.SizeImage, int.MaxValue))
        {
            Stride = (int)format.BytesPerLine, Colour = format.Private == KernelConstants.PrivateMagic ? new(format.ColorSpace, format.Encoding, format.Quantization) : new(format.ColorSpace),
        };

    private KernelStructures.Buffer Buffer(uint index, KernelStructures.Plane* planes)
    {
        var buffer = new KernelStructures.Buffer { Index = index, Type = _type, Memory = KernelConstants.MappedMemory };
        if (!isMultiPlanar)
            return buffer;
        Unsafe.InitBlockUnaligned(planes, 0, (uint)(_planes * sizeof(KernelStructures.Plane)));
        buffer.Planes = planes;
        buffer.Length = (uint)_planes;
        return buffer;
    }

    private sealed class Mapping
    {
        public nint Address { get; init; }

        public uint Length { get; init; }

        /// <summary>Bytes in front of the picture (v4l2_plane.data_offset).</summary>
        public uint Offset { get; set; }
    }
}
