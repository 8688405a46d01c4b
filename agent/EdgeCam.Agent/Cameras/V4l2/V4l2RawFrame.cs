namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What lies in a buffer of a raw format.</summary>
internal static class V4l2RawFrame
{
    /// <summary>Looks at a driver's buffer as a picture.</summary>
    /// <returns>False where it is shorter than its format takes.</returns>
    public static bool TryRead(scoped in V4l2Format format, IV4l2Node node, scoped in V4l2Frame frame, out RawPicture picture)
    {
        picture = default;
        var first = node.Bytes(frame);
        var isPacked = format.FourCc is V4l2PixelFormat.Yuyv or V4l2PixelFormat.Uyvy;
        var stride = format.Stride > 0 ? format.Stride : isPacked ? format.Width * 2 : format.Width;
        var luma = stride * format.Height;
        var chroma = luma / 4;
        if (first.Length < luma)
            return false;
        switch (format.FourCc)
        {
            case V4l2PixelFormat.Yuv420 when first.Length >= luma + (2 * chroma):
                picture = new() { Layout = PictureLayout.Planar, Luma = first, Cb = first[luma..], Cr = first[(luma + chroma)..], Stride = stride, ChromaStride = stride / 2 };
                return true;
            case V4l2PixelFormat.Nv12 when first.Length >= luma + (2 * chroma):
                picture = new() { Layout = PictureLayout.SemiPlanar, Luma = first, Cb = first[luma..], Stride = stride, ChromaStride = stride };
                return true;
            case V4l2PixelFormat.Yuv420M when format.Planes == 3:
                picture = new()
                {
                    Layout = PictureLayout.Planar, Luma = first, Cb = node.Plane(frame, 1), Cr = node.Plane(frame, 2), Stride = stride, ChromaStride = stride / 2,
                };
                return picture.Cb.Length >= chroma && picture.Cr.Length >= chroma;
            case V4l2PixelFormat.Nv12M when format.Planes == 2:
                picture = new() { Layout = PictureLayout.SemiPlanar, Luma = first, Cb = node.Plane(frame, 1), Stride = stride, ChromaStride = stride };
                return picture.Cb.Length >= 2 * chroma;
            case V4l2PixelFormat.Yuyv or V4l2PixelFormat.Uyvy when stride >= format.Width * 2:
                picture = new() { Layout = format.FourCc == V4l2PixelFormat.Yuyv ? PictureLayout.PackedLumaFirst : PictureLayout.PackedChromaFirst, Luma = first, Stride = stride };
                return true;
            default:
                return false;
        }
    }
}
