using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Confinement;
using EdgeCam.Agent.Cameras.Rtsp;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.Rtsp;

/// <summary>How ffmpeg is asked, and what its answers are taken for.</summary>
public sealed class RtspProgramTests : IDisposable
{
    private const string Secret = "pa'ss@w:rd/é%";

    private readonly string _file = Path.GetTempFileName();
    private readonly RtspAddress _address = RtspAddress.Parse("rtsp://10.0.0.9:8554/live?x=1", out _)!;

    public RtspProgramTests() => File.WriteAllText(_file, $"ann o:{Secret}\n");

    [Fact]
    public void User_and_password_go_by_stdin_alone()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var program = Program();
        Assert.Equal(("/usr/bin/edgecam", ""), program.Find());
        var arguments = program.Arguments();
        Assert.Equal(["confine", "--tcp", "8554", "--"], arguments.Take(4));
        var seen = string.Join(' ', arguments) + program.Describe("/usr/bin/edgecam", arguments);
        Assert.DoesNotContain("pa'ss", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("ann o", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("ann%20o", seen, StringComparison.Ordinal);
        Assert.Contains("file 'rtsp://ann%20o:pa%27ss%40w%3Ard%2F%C3%A9%25@10.0.0.9:8554/live?x=1'\n", program.Input, StringComparison.Ordinal);
        Assert.Contains("option rtsp_transport tcp\n", program.Input, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[concat @ 0x5] Impossible to open 'rtsp://ann%20o:pa%27ss%40w%3Ard%2F%C3%A9%25@10.0.0.9:8554/live'", "[concat @ 0x5] Impossible to open 'rtsp://10.0.0.9:8554/live'")]
    [InlineData("auth ann o:" + Secret + " refused", "auth ann o:*** refused")]
    [InlineData("plain words", "plain words")]
    public void What_ffmpeg_says_is_cleaned_of_them(string line, string cleaned)
    {
        var program = Program();
        program.Find();
        Assert.Equal(cleaned, program.Clean(line));
    }

    [Theory]
    [InlineData("[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized", "does not take the user or password", true, 60)]
    [InlineData("pipe:0: Server returned 404 Not Found", "has no stream /live?x=1", true, 60)]
    [InlineData("method SETUP failed: 461 Unsupported transport", "set transport to \"udp\"", true, 0)]
    [InlineData("[nut @ 0x1] pts (1200) < dts (2400) in stream 0", "B-frames", true, 0)]
    [InlineData("Stream map '0:v:0' matches no streams.", "has no video", true, 60)]
    [InlineData("[tcp @ 0x1] Connection to tcp://10.0.0.9:8554 failed: Connection refused", "refuses the connection", false, 0)]
    [InlineData("[tcp @ 0x1] Connection to tcp://10.0.0.9:8554?timeout=0 failed: No route to host", "is the camera on", false, 0)]
    [InlineData("[tcp @ 0x1] Failed to resolve hostname porch: Name or service not known", "is not known in this network", false, 0)]
    [InlineData("pipe:0: Connection timed out", "does not answer", false, 0)]
    [InlineData("something new", "cannot be read: something new", false, 0)]
    public void Each_way_to_fail_has_its_words(string line, string words, bool isRefusal, int wait)
    {
        var ending = RtspFaults.Explain(_address, [line], new("ann", "word"), "tcp");
        Assert.Contains(words, ending.Detail, StringComparison.Ordinal);
        Assert.Equal((isRefusal, wait), (ending.IsRefusal, ending.Wait.TotalSeconds));
    }

    [Fact]
    public void Without_credentials_a_camera_that_asks_for_them_says_where_to_write_them() =>
        Assert.Contains("name that in credentialsFile", RtspFaults.Explain(_address, ["401 Unauthorized"], null, "tcp").Detail, StringComparison.Ordinal);

    [Fact]
    public void A_short_password_spoils_no_diagnosis_and_is_not_repeated()
    {
        var credentials = new RtspCredentials("ann", "40");
        Assert.True(RtspFaults.Explain(_address, ["method DESCRIBE failed: 404 Not Found"], credentials, "tcp").IsRefusal);
        Assert.Contains("cannot be read: no *** here", RtspFaults.Explain(_address, ["no 40 here"], credentials, "tcp").Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann", 123, null)]
    [InlineData("ann", 124, "take more than 127 characters")]
    [InlineData("an@", 121, null)] // that is three
    [InlineData("an@", 122, "take more than 127 characters")]
    public void Longer_ones_than_ffmpeg_takes_are_refused_without_their_content(string user, int length, string? words)
    {
        var password = new string('x', length);
        File.WriteAllText(_file, $"{user}:{password}");
        var credentials = RtspCredentials.Read(_file, out var mistake);
        Assert.Equal(words is null, credentials is not null);
        Assert.Contains(words ?? "", mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", mistake, StringComparison.Ordinal);
    }

    /// <summary>A confined program has no socket to ask for it by.</summary>
    [Fact]
    public void A_local_name_is_looked_up_before_and_written_in_its_place()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        Assert.Contains("file 'rtsp://ann%20o:pa%27ss%40w%3Ard%2F%C3%A9%25@10.0.0.7:554/live'\n", Input("rtsp://porch.local/live", "10.0.0.7"), StringComparison.Ordinal);
        Assert.Contains("@[fd00::7]:8554/live'\n", Input("rtsp://porch.local:8554/live", "fd00::7"), StringComparison.Ordinal);
        Assert.Contains("@porch.local/live'\n", Input("rtsp://porch.local/live", null), StringComparison.Ordinal); // ffmpeg says that it is not known
        Assert.Contains("@porch.lan/live'\n", Input("rtsp://porch.lan/live", "10.0.0.7"), StringComparison.Ordinal); // DNS knows it

        string Input(string source, string? found)
        {
            var program = new RtspProgram(new("cam0", source, CredentialsFile: _file), new Launcher("/usr/bin/edgecam"), _ => found is null ? null : System.Net.IPAddress.Parse(found));
            program.Find();
            return program.Input;
        }
    }

    [Theory]
    [InlineData("nocolon", "must hold user:password")]
    [InlineData("", "must hold user:password")]
    [InlineData("a:b\nc", "must hold user:password")]
    public void A_file_of_another_form_is_refused_without_its_content(string content, string words)
    {
        File.WriteAllText(_file, content);
        var (path, reason) = Program().Find();
        Assert.Null(path);
        Assert.Contains(words, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("nocolon", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_with_a_remedy()
    {
        File.Delete(_file);
        Assert.Contains("is not there: write user:password into it", Program().Find().Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://10.0.0.9", 554)]
    [InlineData("rtsp://10.0.0.9:8554/a/b?c=d", 8554)]
    [InlineData("rtsp://[fd00::9]:555/x", 555)]
    [InlineData("rtsp://porch.lan/x", 554)]
    public void Addresses_are_taken_as_they_are(string source, int port)
    {
        var address = RtspAddress.Parse(source, out var mistake);
        Assert.True(address is not null, mistake);
        Assert.Equal((source, port), (address.Text, address.Port));
    }

    [Theory]
    [InlineData("rtsp:10.0.0.9/x", "must have the form")]
    [InlineData("rtsp://ann:secret@10.0.0.9/x", "credentialsFile")]
    [InlineData("rtsp://10.0.0.9/a b", "characters that no address has")]
    [InlineData("rtsp://10.0.0.9/a'\noption x y", "characters that no address has")]
    [InlineData("rtsp:///x", "is no address")]
    [InlineData("rtsp://10.0.0.9:99999/x", "is no address")]
    public void Mistakes_in_an_address_are_named(string source, string words)
    {
        var mistake = CameraSources.FindMistake(new("cam0", source));
        Assert.Contains(words, mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_other_sources_are_mistakes()
    {
        var camera = new CameraOptions("cam0", "rtsp://10.0.0.9/x");
        Assert.Null(CameraSources.FindMistake(camera));
        Assert.Contains("already", CameraSources.FindMistake(camera with { Encoder = "software" }), StringComparison.Ordinal);
        Assert.Contains("remove command", CameraSources.FindMistake(camera with { Command = ["ffmpeg"] }), StringComparison.Ordinal);
        Assert.Contains("Orientation", CameraSources.FindMistake(camera with { Orientation = "flip" }), StringComparison.Ordinal);
        Assert.Contains("CredentialsFile", CameraSources.FindMistake(new("cam0", "rpicam:0", CredentialsFile: "/etc/x")), StringComparison.Ordinal);
        Assert.Contains("must be exec: alone", CameraSources.FindMistake(new("cam0", "exec:ffmpeg -i x")), StringComparison.Ordinal);
        Assert.Contains("names no program", CameraSources.FindMistake(new("cam0", "exec:")), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private RtspProgram Program() => new(new("cam0", _address.Text, CredentialsFile: _file), new Launcher("/usr/bin/edgecam"));
}
