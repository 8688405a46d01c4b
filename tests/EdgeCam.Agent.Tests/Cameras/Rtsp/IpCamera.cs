using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.Rtsp;

/// <summary>An IP camera on loopback: GStreamer's RTSP server with digest authentication, playing clips that ffmpeg made.</summary>
internal sealed class IpCamera : IDisposable
{
    public const string User = "ann", Password = "pa:ss@w/rd%";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-ip-").FullName;
    private readonly int _port = FreePort.Tcp();
    private readonly Process _process;

    public IpCamera()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var (exit, output) = Tool.Run("/usr/bin/python3", ["-c", "import gi; gi.require_version('GstRtspServer', '1.0')"]);
        Assert.SkipUnless(exit == 0, $"there is no RTSP server here: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad ({output})");
        Slices = Make("stream", "libx264", "-bf", "0", "-g", "25");
        Make("bframes", "libx264", "-bf", "2", "-g", "25");
        Make("hevc", "libx265", "-x265-params", "log-level=error");
        var start = new ProcessStartInfo(
            "/usr/bin/python3",
            [Path.Combine(Tool.RepositoryRoot(), "tests/EdgeCam.EndToEnd.Tests/peers/rtsp-server.py"), Text(_port), User, Password, .. Clips()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
        File.WriteAllText(CredentialsFile, $"{User}:{Password}\n");
    }

    public string CredentialsFile => Path.Combine(_folder, "credentials");

    /// <summary>The slices of the stream, as they were encoded.</summary>
    public HashSet<string> Slices { get; }

    public string Address(string name) => $"rtsp://127.0.0.1:{Text(_port)}/{name}";

    public void SetPower(bool isOn)
    {
        _process.StandardInput.WriteLine(isOn ? "on" : "off");
        Assert.Equal(isOn ? "on" : "off", _process.StandardOutput.ReadLine());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string> Clips() => Directory.EnumerateFiles(_folder, "*.mp4").Select(file => $"{Path.GetFileNameWithoutExtension(file)}={file}");

    private HashSet<string> Make(string name, string codec, params string[] more)
    {
        var file = Path.Combine(_folder, name + ".mp4");
        Tool.Read(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", "20", "-pix_fmt", "yuv420p", "-c:v", codec, "-preset", "ultrafast", .. more, file]);
        if (codec != "libx264")
            return [];
        Tool.Read("ffmpeg", "-v", "error", "-i", file, "-c", "copy", "-f", "h264", file + ".h264");
        return [.. EncodedClip.Split(File.ReadAllBytes(file + ".h264")).Where(nalUnit => EncodedClip.Type(nalUnit) is EncodedClip.Slice or EncodedClip.Idr).Select(Convert.ToHexString)];
    }
}
