using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent.Tests.Control;

/// <summary><c>camera.select</c>: who may, what it takes, what it says.</summary>
public sealed class CameraSelectTests : IDisposable
{
    private readonly ViewerMetrics _metrics = new();
    private readonly ControlRig _rig;
    private readonly Session _session = new();

    public CameraSelectTests() => _rig = new(CameraMethods.Create(_metrics));

    private ControlCaller Viewer => ControlRig.Alice with { Session = _session, Camera = "cam0" };

    public void Dispose()
    {
        _rig.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData("""{"camera":"cam1"}""", "cam1", "auto")]
    [InlineData("""{"camera":"cam1","stream":"sub"}""", "cam1", "sub")]
    [InlineData("""{"stream":"main"}""", null, "main")]
    [InlineData("{}", null, "auto")]
    public void A_camera_a_stream_or_both_are_selected(string parameters, string? camera, string stream)
    {
        _session.IsPending = true;
        var result = _rig.Call("camera.select", parameters, Viewer);
        Assert.Equal((camera, stream), Assert.Single(_session.Selected));
        Assert.Equal($$"""{"camera":"{{camera ?? "cam0"}}","stream":"{{stream}}","pending":true}""", result.GetRawText());
    }

    [Theory]
    [InlineData("""{"stream":"high"}""", "stream is one of auto, main, sub")]
    [InlineData("""{"camera":7}""", "camera is a text")]
    [InlineData("""{"camera":""}""", "camera is a text of 1 to 64 characters")]
    public void What_makes_no_sense_is_refused_in_words(string parameters, string words)
    {
        Assert.Equal($"Invalid params: {words}", Message(_rig.Call("camera.select", parameters, Viewer)));
        Assert.Empty(_session.Selected);
    }

    [Fact]
    public void A_refusal_is_passed_on()
    {
        _session.Refusal = ControlError.Unavailable("camera cam1 has no picture now: it ended", "Choose another camera");
        var error = _rig.Call("camera.select", """{"camera":"cam1"}""", Viewer);
        Assert.Equal((-32004, "Unavailable: camera cam1 has no picture now: it ended"), (error.GetProperty("code").GetInt32(), Message(error)));
    }

    [Fact]
    public void An_operator_has_no_connection_to_send_pictures_on()
    {
        Assert.Contains("own data channel", Message(_rig.Call("camera.select", """{"camera":"cam1"}""")), StringComparison.Ordinal);
        Assert.Equal(-32001, _rig.Call("camera.select", "{}", Viewer with { Access = new("Bob", AccessScope.Ptz) }).GetProperty("code").GetInt32());
    }

    [Fact]
    public void Viewers_are_told_what_they_are_sent() => Assert.Equal(
        """{"jsonrpc":"2.0","method":"camera.switched","params":{"camera":"cam1","stream":"sub"}}""",
        Encoding.UTF8.GetString(CameraMethods.Switched("cam1", StreamChoice.Substream.Word())));

    [Fact]
    public void The_words_are_those_of_the_streams()
    {
        Assert.Equal(StreamChoices.Words, CameraMethods.Streams);
        foreach (var choice in Enum.GetValues<StreamChoice>())
            Assert.Equal(choice, StreamChoices.Parse(choice.Word()));
    }

    private static string Message(JsonElement error) => error.GetProperty("message").GetString()!;

    private sealed class Session : IControlSession
    {
        public ControlError? Refusal { get; set; }

        public bool IsPending { get; set; }

        public List<(string? Camera, string Stream)> Selected { get; } = [];

        public (string? Answer, string Problem) HandleOffer(string sdp) => (null, "");

        public (ControlError? Refusal, bool IsPending) Select(string? camera, string stream)
        {
            Selected.Add((camera, stream));
            return (Refusal, IsPending);
        }

        public void AddCandidate(string candidate)
        {
        }
    }
}
