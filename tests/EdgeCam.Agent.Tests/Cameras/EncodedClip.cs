using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.H264;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>H.264 made for a test, as its NAL units, and what a decoder sees in it.</summary>
internal sealed class EncodedClip : IDisposable
{
    public const byte Slice = 1, Idr = 5, Sei = 6, Sps = 7, Pps = 8, Delimiter = 9;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-clip-").FullName;
    private int _files;

    /// <summary>Encodes a test picture with x264: 25 a second, an IDR picture each second.</summary>
    public List<byte[]> Make(string x264 = "", int seconds = 2, string size = "320x240", int group = 25)
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var path = NewFile();
        Tool.Read(
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=25", "-t", $"{seconds}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
            "-profile:v", "baseline", "-g", $"{group}", "-x264-params", $"crf=32{(x264.Length > 0 ? ":" : "")}{x264}", "-f", "h264", path);
        return Split(File.ReadAllBytes(path));
    }

    public static List<byte[]> Split(ReadOnlySpan<byte> bytes)
    {
        List<byte[]> nalUnits = [];
        var reader = new AnnexBSpan(bytes);
        while (reader.TryReadNalUnit(out var nalUnit))
            nalUnits.Add(nalUnit.ToArray());
        return nalUnits;
    }

    /// <summary>In Annex B, each NAL unit behind a start code of so many bytes; 0: three and four in turn, and zeros between.</summary>
    public static byte[] Join(IEnumerable<byte[]> nalUnits, int startCode = 4)
    {
        List<byte> bytes = [];
        var number = 0;
        foreach (var nalUnit in nalUnits)
        {
            var zeros = startCode == 0 ? 2 + (number++ % 4) : startCode - 1;
            bytes.AddRange(Enumerable.Repeat((byte)0, zeros).Append((byte)1).Concat(nalUnit));
        }

        return [.. bytes];
    }

    public static int Type(byte[] nalUnit) => nalUnit[0] & 0x1F;

    public string Write(byte[] bytes)
    {
        var path = NewFile();
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>The MD5 of each picture, as ffmpeg decodes it.</summary>
    public string[] Decode(IEnumerable<byte[]> nalUnits)
    {
        var path = Write(Join(nalUnits));
        var (_, output) = Tool.Run("ffmpeg", ["-v", "quiet", "-f", "h264", "-i", path, "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
        return [.. output.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string NewFile() => Path.Combine(_folder, $"{_files++}.h264");
}
