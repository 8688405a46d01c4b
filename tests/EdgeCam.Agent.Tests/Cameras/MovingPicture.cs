using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>A texture that moves, so that each picture costs bits, with the picture's number as bright and dark squares in its first rows.</summary>
internal static class MovingPicture
{
    private const int Cell = 16;
    private static readonly byte[] s_texture = Texture();

    public static void Draw(IPictureEncoder encoder, int width, int height, int number)
    {
        var luma = encoder.Plane(0, out var stride);
        for (var y = 0; y < height; y++)
        {
            var row = luma.Slice(y * stride, width);
            if (y < Cell)
            {
                for (var x = 0; x < width; x++)
                    row[x] = (byte)(((number >> (x / Cell)) & 1) != 0 && x / Cell < 16 ? 235 : 16);
            }
            else
            {
                s_texture.AsSpan(((y + number) & 255) * 2048 + (number * 3 % 1024), width).CopyTo(row);
            }
        }

        encoder.Plane(1, out _).Fill(110);
        encoder.Plane(2, out _).Fill(140);
    }

    public static int Read(ReadOnlySpan<byte> luma, int stride)
    {
        var number = 0;
        for (var bit = 0; bit < 16; bit++)
            number |= luma[(Cell / 2 * stride) + (bit * Cell) + (Cell / 2)] > 128 ? 1 << bit : 0;
        return number;
    }

    private static byte[] Texture()
    {
        var bytes = new byte[256 * 2048];
        var random = new Random(5);
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(100 + (40 * Math.Sin(i / 37.0)) + random.Next(24));
        return bytes;
    }
}
