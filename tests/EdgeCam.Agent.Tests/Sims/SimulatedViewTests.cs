using EdgeCam.Sims.Camera;
using EdgeCam.Sims.Camera.Scene;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedViewTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edgecam-view-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Head_and_lamps_share_a_file_and_do_not_touch_each_others_part()
    {
        var path = Path.Combine(_directory, "view");
        using var head = ViewFile.Open(path);
        using var lamps = ViewFile.Open(path);
        using var camera = ViewFile.Open(path);
        Assert.Equal(new(0, 0, 1, 0, false), camera.Read());
        head.WriteHead(-12.5, 30, 4);
        Assert.Equal(new(-12.5, 30, 4, 0, false), camera.Read());
        lamps.WriteLamps(0b101);
        Assert.Equal(new(-12.5, 30, 4, 0b101, true), camera.Read());

        var bytes = File.ReadAllBytes(path);
        Assert.Equal(64, bytes.Length);
        Assert.Equal("EDGV"u8, bytes.AsSpan(0, 4));
        Assert.Equal((2u, 5u, 2u), (BitConverter.ToUInt32(bytes, 4), BitConverter.ToUInt32(bytes, 32), BitConverter.ToUInt32(bytes, 36)));
        Assert.Equal((-12.5, 30, 4), (BitConverter.ToDouble(bytes, 8), BitConverter.ToDouble(bytes, 16), BitConverter.ToDouble(bytes, 24)));
    }

    [Fact]
    public async Task A_reader_never_sees_half_a_position()
    {
        using var writer = ViewFile.Open(Path.Combine(_directory, "view"));
        using var reader = ViewFile.Open(Path.Combine(_directory, "view"));
        var writing = Task.Run(() =>
        {
            for (var i = 1; i <= 200_000; i++)
                writer.WriteHead(i, -i, i);
        });
        while (!writing.IsCompleted)
        {
            var view = reader.Read();
            Assert.True(view.Pan == -view.Tilt && view.Zoom == Math.Max(view.Pan, 1), view.ToString());
        }

        await writing;
    }

    [Fact]
    public void A_writer_that_died_halfway_does_not_blind_the_camera_for_ever()
    {
        var path = Path.Combine(_directory, "view");
        using var camera = ViewFile.Open(path);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 4;
            file.WriteByte(7);
        }

        camera.Read();
        using var next = ViewFile.Open(path);
        next.WriteHead(5, 6, 7);
        Assert.Equal(new(5, 6, 7, 0, false), camera.Read());
    }

    [Fact]
    public void The_picture_shows_where_the_head_looks()
    {
        var view = new WorldView(90, 0, 1, 0, false);
        var scene = Scene(() => view);
        scene.Draw(0, default);
        // the board at 90 degrees is purple beside its number, and stands above the middle
        Assert.True(IsPurple(scene.Picture, 340, Row(-2.2)));
        Assert.False(IsPurple(scene.Picture, 404, Row(-2.2)));

        view = view with { Pan = 84 };
        scene.Draw(1, default);
        Assert.True(IsPurple(scene.Picture, 404, Row(-2.2))); // looking to the left, it moves to the right
        view = view with { Pan = 90, Tilt = 10 };
        scene.Draw(2, default);
        Assert.True(IsPurple(scene.Picture, 340, Row(7.8))); // looking up, it moves down
        view = view with { Tilt = 2.2, Zoom = 10 };
        scene.Draw(3, default);
        Assert.True(IsPurple(scene.Picture, 520, 240) && IsPurple(scene.Picture, 120, 240)); // it fills the picture

        static int Row(double degreesDown) => 180 + (int)(degreesDown * 640 / Surroundings.FieldOfView);
    }

    [Theory]
    [InlineData(-170, -30, 1)]
    [InlineData(170, 90, 1)]
    [InlineData(180, 90, 10)]
    [InlineData(-179.97, 12.34, 3.3)]
    [InlineData(0, 16.87, 1)]
    public void The_frame_code_stays_in_its_place_wherever_it_looks(double pan, double tilt, double zoom)
    {
        var scene = Scene(() => new(pan, tilt, zoom, 0xF, true));
        scene.Draw(77, DateTimeOffset.UnixEpoch);
        Assert.True(FrameCode.TryRead(scene.Picture.Luma, 640, 360, out var code));
        Assert.Equal(new(FrameCode.CameraOf("cam0"), 77, 0), code);
    }

    [Fact]
    public void Lamps_are_drawn_lit_or_dark_once_there_is_a_chip()
    {
        var view = new WorldView(0, 90, 1, 0b1010, true);
        var scene = Scene(() => view);
        scene.Draw(0, default);
        var posts = new LampPosts(scene.Picture);
        Assert.Equal([false, true, false, true], Enumerable.Range(0, LampPosts.Count).Select(Lit));
        view = view with { Lamps = 0b0101 };
        scene.Draw(1, default);
        Assert.Equal([true, false, true, false], Enumerable.Range(0, LampPosts.Count).Select(Lit));

        bool Lit(int lamp)
        {
            var (x, y) = posts.Glass(lamp);
            return scene.Picture.Luma[(y * 640) + x] > 180;
        }
    }

    private static ViewScene Scene(Func<WorldView> view) => new(CameraArguments.Parse("--width 640 --height 360".Split(' ')), view);

    private static bool IsPurple(EdgeCam.Sims.Camera.Picture picture, int x, int y) =>
        picture.Cr[(y / 2 * 320) + (x / 2)] > 150 && picture.Cb[(y / 2 * 320) + (x / 2)] > 150;
}
