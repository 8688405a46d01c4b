using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Feed.Interop;

/// <summary>The side of a loopback device that pictures are written to; one write is one access unit.</summary>
internal sealed unsafe class VideoOutput : IDisposable
{
    private readonly int _descriptor;
    private readonly string _path;

    private VideoOutput(int descriptor, string path) => (_descriptor, _path) = (descriptor, path);

    /// <exception cref="IOException">The device is not there or will not be one that gives H.264.</exception>
    public static VideoOutput Open(string path, int width, int height, int largestAccessUnit, double frameRate)
    {
        var descriptor = LibC.Open(path, LibC.ReadWrite | LibC.CloseOnExec);
        if (descriptor < 0)
            throw Error(path, "it cannot be opened; 'modprobe v4l2loopback' makes such a device");
        var device = new VideoOutput(descriptor, path);
        try
        {
            device.Announce((uint)width, (uint)height, (uint)Math.Max(largestAccessUnit, width * height * 2), frameRate);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The device is gone.</exception>
    public void Write(ReadOnlySpan<byte> accessUnit)
    {
        fixed (byte* start = accessUnit)
        {
            while (LibC.Write(_descriptor, start, (nuint)accessUnit.Length) < 0)
            {
                if (Marshal.GetLastPInvokeError() != LibC.Interrupted)
                    throw Error(_path, "it takes no more pictures");
            }
        }
    }

    public void Dispose() => _ = LibC.Close(_descriptor);

    private void Announce(uint width, uint height, uint imageSize, double frameRate)
    {
        var format = new LibC.Format
        {
            Kind = LibC.VideoOutput, Width = width, Height = height, PixelFormat = LibC.H264, Field = LibC.Progressive, ImageSize = imageSize,
        };
        if (LibC.Control(_descriptor, LibC.SetFormat, &format) < 0)
        {
            throw Error(_path, Marshal.GetLastPInvokeError() switch
            {
                LibC.NotTerminal => "it is no video device",
                LibC.Busy => "somebody else feeds it, or reads another format from it",
                _ => "it takes no H.264",
            });
        }

        if (format.PixelFormat != LibC.H264 || format.Width != width || format.Height != height)
            throw new IOException($"{_path}: it will not be a camera of H.264 pictures of {width}x{height}; a v4l2loopback device that nobody uses would");

        // What a reader is told; a device without frame rates does as well.
        var parameters = new LibC.Parameters { Kind = LibC.VideoOutput, Numerator = 1000, Denominator = (uint)Math.Round(frameRate * 1000) };
        _ = LibC.Control(_descriptor, LibC.SetParameters, &parameters);
    }

    private static IOException Error(string path, string what) =>
        new($"{path}: {what} ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())})");
}
