using System.Text.Json;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Control;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>The controls of a node's picture: as operators see, set and write them.</summary>
public sealed class V4l2ControlTests
{
    private const uint Inactive = 0x10, ReadOnly = 0x4;

    private readonly FakeCamera _camera = new()
    {
        Infos =
        {
            new(0x98_0900, V4l2ControlKind.Number, "Brightness", -64, 64, 2, 0, 0),
            new(0x98_090C, V4l2ControlKind.Switch, "White Balance, Automatic", 0, 1, 1, 1, 0),
            new(0x98_091A, V4l2ControlKind.Number, "White Balance Temperature", 2800, 6500, 10, 4600, Inactive),
            new(0x9A_0901, V4l2ControlKind.Menu, "Auto Exposure", 0, 3, 1, 3, 0) { Menu = [(1, "Manual Mode"), (3, "Aperture Priority Mode")] },
            new(0x9A_090F, V4l2ControlKind.Button, "Focus, Once", 0, 0, 0, 0, 0),
            new(0x98_0001, (V4l2ControlKind)6, "User Controls", 0, 0, 0, 0, ReadOnly),
            new(V4l2Control.Bitrate, V4l2ControlKind.Number, "Video Bitrate", 0, 9, 1, 1, 0),
            new(0x98_0902, V4l2ControlKind.Number, "Serial", 0, 9, 1, 1, ReadOnly),
        },
    };

    private CameraOptions[] _cameras = [new("cam0", "v4l2:/dev/video20"), new("csi", "rpicam:0")];

    [Fact]
    public async Task A_picture_s_controls_are_listed_with_what_they_take()
    {
        var controls = (await CallAsync("camera.controls")).GetProperty("controls").EnumerateArray().ToArray();
        Assert.Equal(
            ["brightness", "white_balance_automatic", "white_balance_temperature", "auto_exposure", "focus_once"], controls.Select(control => control.GetProperty("name").GetString()!));
        Assert.Equal(
            """{"name":"brightness","label":"Brightness","kind":"number","minimum":-64,"maximum":64,"step":2,"default":0,"value":0,"active":true}""", controls[0].GetRawText());
        Assert.Equal("switch", controls[1].GetProperty("kind").GetString());
        Assert.False(controls[2].GetProperty("active").GetBoolean());
        Assert.Equal("""[{"value":1,"name":"Manual Mode"},{"value":3,"name":"Aperture Priority Mode"}]""", controls[3].GetProperty("menu").GetRawText());
        Assert.False(controls[4].TryGetProperty("value", out _));
        Assert.Equal(0, _camera.Open);
    }

    [Fact]
    public async Task Setting_one_answers_what_it_is_then()
    {
        var result = await CallAsync("camera.setControl", """{"name":"brightness","value":12}""");
        Assert.Equal(12, result.GetProperty("value").GetInt32());
        await CallAsync("camera.setControl", """{"camera":"cam0","name":"auto_exposure","value":1}""");
        await CallAsync("camera.setControl", """["cam0","focus_once",1]""");
        Assert.Equal([(0x98_0900u, 12), (0x9A_0901u, 1), (0x9A_090Fu, 1)], _camera.Set);
        Assert.Equal(0, _camera.Open);
    }

    [Theory]
    [InlineData("""{"name":"brightness","value":65}""", -32602, "brightness is a whole number from -64 to 64")]
    [InlineData("""{"name":"brightness","value":11}""", -32602, "in steps of 2")]
    [InlineData("""{"name":"auto_exposure","value":2}""", -32602, "auto_exposure is one of 1 (Manual Mode), 3 (Aperture Priority Mode)")]
    [InlineData("""{"name":"white_balance_automatic","value":2}""", -32602, "is 0 or 1")]
    [InlineData("""{"name":"white_balance_temperature","value":3000}""", -32004, "cannot be set now")]
    [InlineData("""{"name":"video_bitrate","value":3}""", -32002, "control video_bitrate")]
    [InlineData("""{"name":"serial","value":3}""", -32002, "control serial")]
    [InlineData("""{"camera":"csi","name":"brightness","value":3}""", -32004, "csi is no device node")]
    [InlineData("""{"camera":"cam9","name":"brightness","value":3}""", -32002, "camera cam9")]
    [InlineData("""{"name":"brightness","value":1.5}""", -32602, "value is a whole number")]
    public async Task What_cannot_be_set_is_refused_by_name(string parameters, int code, string words)
    {
        var error = await CallAsync("camera.setControl", parameters);
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.Contains(words, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_camera.Set);
    }

    [Fact]
    public async Task Whoever_may_only_move_the_camera_may_not_change_its_picture()
    {
        var error = await CallAsync("camera.setControl", """{"name":"brightness","value":12}""", ControlRig.With(AccessScope.View | AccessScope.Ptz));
        Assert.Contains("the scope manage", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True((await CallAsync("camera.controls", null, ControlRig.With(AccessScope.View))).TryGetProperty("controls", out _));
    }

    [Fact]
    public async Task A_camera_that_is_gone_says_so()
    {
        _camera.IsThere = false;
        var error = await CallAsync("camera.controls");
        Assert.Contains("/dev/video20 is not there", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        _cameras = [];
        Assert.Equal(-32002, (await CallAsync("camera.controls")).GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_viewer_asks_for_the_camera_it_watches()
    {
        _cameras = [new("other", "rpicam:0"), new("cam0", "v4l2:/dev/video20")];
        Assert.Equal("cam0", (await CallAsync("camera.controls", null, ControlRig.Alice with { Camera = "cam0" })).GetProperty("camera").GetString());
    }

    [Theory]
    [InlineData("brightness=128", true)]
    [InlineData("gain=-3", true)]
    [InlineData("brightness", false)]
    [InlineData("=3", false)]
    [InlineData("Brightness=3", false)]
    [InlineData("brightness=3.5", false)]
    [InlineData("brightness=", false)]
    [InlineData("a_name_of_more_than_thirty_two_letters=1", false)]
    public void A_setting_is_a_name_and_a_number(string written, bool isGood) => Assert.Equal(isGood, PictureControls.FindMistake(written) is null);

    private async Task<JsonElement> CallAsync(string method, string? parameters = null, ControlCaller? caller = null)
    {
        using var rig = new ControlRig(CameraControlMethods.Create(new CameraControls(() => _cameras, _camera, TimeProvider.System)));
        var given = parameters is null ? "" : $",\"params\":{parameters}";
        var request = System.Text.Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"{{given}}}""");
        var response = JsonElement.Parse(await rig.Dispatcher.HandleAsync(request, caller ?? ControlRig.Alice)!);
        return response.TryGetProperty("result", out var result) ? result : response.GetProperty("error");
    }
}
