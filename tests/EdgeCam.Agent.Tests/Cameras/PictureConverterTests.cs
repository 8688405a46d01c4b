using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Each layout, with rows that are padded and widths that no vector fits, against what it means sample by sample.</summary>
public sealed class PictureConverterTests
{
    [Theory]
    [InlineData(64, 8)]
    [InlineData(34, 2)]
    [InlineData(2, 2)]
    [InlineData(642, 6)]
    public void Every_sample_lands_in_its_place(int width, int height)
    {
        foreach (var layout in Enum.GetValues<PictureLayout>())
        {
            var source = new Source(layout, width, height);
            using var target = new Target(width, height);
            new PictureConverter(width, height).Write(source.Picture, target);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                    Assert.True(source.Luma(x, y) == target.At(0, x, y), $"{layout} luma {x},{y}");
            }

            for (var y = 0; y < height / 2; y++)
            {
                for (var x = 0; x < width / 2; x++)
                    Assert.True((source.Chroma(0, x, y), source.Chroma(1, x, y)) == (target.At(1, x, y), target.At(2, x, y)), $"{layout} chroma {x},{y}");
            }

            Assert.True(target.IsPaddingUntouched, $"{layout} writes beside its rows");
        }
    }

    [Fact]
    public void Two_rows_are_merged_as_they_are_split()
    {
        byte[] even = [.. Enumerable.Range(0, 37).Select(i => (byte)i)], odd = [.. Enumerable.Range(100, 37).Select(i => (byte)i)];
        var merged = new byte[74];
        PictureConverter.Merge(even, odd, merged);
        Assert.Equal(even.Zip(odd).SelectMany(pair => new[] { pair.First, pair.Second }), merged);
    }

    private sealed class Source
    {
        private readonly PictureLayout _layout;
        private readonly byte[] _bytes = new byte[1 << 16];
        private readonly int _stride;
        private readonly int _chromaStride;
        private readonly int _cb;
        private readonly int _cr;

        public Source(PictureLayout layout, int width, int height)
        {
            new Random(width + (int)layout).NextBytes(_bytes);
            _layout = layout;
            _stride = (layout is PictureLayout.PackedLumaFirst or PictureLayout.PackedChromaFirst ? width * 2 : width) + 6;
            _chromaStride = layout == PictureLayout.SemiPlanar ? _stride : (width / 2) + 3;
            _cb = _stride * height;
            _cr = _cb + (_chromaStride * height);
        }

        public RawPicture Picture => new()
        {
            Layout = _layout, Luma = _bytes.AsSpan(0, _cb), Cb = _bytes.AsSpan(_cb, _cr - _cb), Cr = _bytes.AsSpan(_cr), Stride = _stride, ChromaStride = _chromaStride,
        };

        public byte Luma(int x, int y) => _layout switch
        {
            PictureLayout.PackedLumaFirst => _bytes[(y * _stride) + (2 * x)],
            PictureLayout.PackedChromaFirst => _bytes[(y * _stride) + (2 * x) + 1],
            _ => _bytes[(y * _stride) + x],
        };

        public byte Chroma(int which, int x, int y) => _layout switch
        {
            PictureLayout.Grey => 128,
            PictureLayout.Planar => _bytes[(which == 0 ? _cb : _cr) + (y * _chromaStride) + x],
            PictureLayout.SemiPlanar => _bytes[_cb + (y * _chromaStride) + (2 * x) + which],
            PictureLayout.PlanarTall => Mean((which == 0 ? _cb : _cr) + (2 * y * _chromaStride) + x, _chromaStride),
            PictureLayout.PackedLumaFirst => Mean((2 * y * _stride) + (4 * x) + 1 + (2 * which), _stride),
            _ => Mean((2 * y * _stride) + (4 * x) + (2 * which), _stride),
        };

        private byte Mean(int at, int stride) => (byte)((_bytes[at] + _bytes[at + stride] + 1) / 2);
    }

    private sealed class Target : IPictureEncoder
    {
        private readonly byte[][] _planes;
        private readonly int _width;
        private readonly int _height;

        public Target(int width, int height)
        {
            (_width, _height) = (width, height);
            _planes = [Filled((width + 8) * height), Filled(((width / 2) + 8) * height / 2), Filled(((width / 2) + 8) * height / 2)];
        }

        public long Bitrate => 0;

        public bool IsPaddingUntouched =>
            Enumerable.Range(0, _height).All(y => _planes[0].AsSpan((y * (_width + 8)) + _width, 8).IndexOfAnyExcept((byte)77) < 0);

        public byte At(int plane, int x, int y) => _planes[plane][(y * ((plane == 0 ? _width : _width / 2) + 8)) + x];

        public void Begin()
        {
        }

        public Span<byte> Plane(int plane, out int stride)
        {
            stride = (plane == 0 ? _width : _width / 2) + 8;
            return _planes[plane];
        }

        public void SetBitrate(long bitsPerSecond)
        {
        }

        public void Encode(Instant captureTime, bool isIdrWanted)
        {
        }

        public bool TryTake(out ReadOnlySpan<byte> unit, out Instant captureTime)
        {
            unit = default;
            captureTime = default;
            return false;
        }

        public void Dispose()
        {
        }

        private static byte[] Filled(int length)
        {
            var bytes = new byte[length];
            Array.Fill(bytes, (byte)77);
            return bytes;
        }
    }
}
