using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Tests.Ptz;

public class DigitalDriverTests
{
    private readonly Region _region = new();
    private readonly PtzRig _rig;

    public DigitalDriverTests()
    {
        _rig = new(new("cam0", "digital:"), _region);
        _rig.Run(40);
    }

    [Fact]
    public void It_begins_with_the_whole_picture()
    {
        Assert.Equal((0, 0, 1, 1), _region.Last);
        Assert.Equal((0, 0, 0), (_rig.Position(PtzAxis.Pan), _rig.Position(PtzAxis.Tilt), _rig.Position(PtzAxis.Zoom)));
        Assert.False(_rig.Status.IsEstimated);
    }

    [Fact]
    public void Zoom_cuts_out_the_middle_and_pan_and_tilt_move_it_to_the_edges()
    {
        GoTo(new(0, 0, 1 / 3.0)); // twice, of 1 to 4
        Near((0.25, 0.25, 0.5, 0.5));
        GoTo(new(1, 1, 1 / 3.0));
        Near((0.5, 0, 0.5, 0.5));
        GoTo(new(-1, -1, 1));
        Near((0, 0.75, 0.25, 0.25));
    }

    [Fact]
    public void What_is_cut_out_is_always_inside_the_picture()
    {
        var random = new Random(2);
        for (var i = 0; i < 200; i++)
        {
            _rig.Head.AbsoluteMove(PtzRig.Ann, new((random.NextDouble() * 2) - 1, (random.NextDouble() * 2) - 1, random.NextDouble()), 1, null, _rig.Now);
            _rig.Run(100);
            var (x, y, width, height) = _region.Last;
            Assert.True(x >= 0 && y >= 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9);
        }
    }

    [Fact]
    public void Without_the_encoder_it_says_so_and_comes_back_with_it()
    {
        _region.IsAvailable = false;
        _rig.Run(20);
        Assert.NotNull(_rig.Status.Fault);
        Assert.Equal(PtzRefusalKind.Unavailable, _rig.Drive(1)?.Kind);
        _region.IsAvailable = true;
        _rig.Run(20);
        Assert.Null(_rig.Drive(1));
    }

    private void GoTo(PtzVector position)
    {
        Assert.Null(_rig.Head.AbsoluteMove(PtzRig.Ann, position, 1, null, _rig.Now));
        _rig.RunUntil(() =>
        {
            _rig.Head.Hear(PtzRig.Ann, _rig.Now);
            return !_rig.Status.IsMoving;
        });
    }

    private void Near((double X, double Y, double Width, double Height) wanted)
    {
        Assert.Equal(wanted.X, _region.Last.X, 6);
        Assert.Equal(wanted.Y, _region.Last.Y, 6);
        Assert.Equal((wanted.Width, wanted.Height), (Math.Round(_region.Last.Width, 6), Math.Round(_region.Last.Height, 6)));
    }

    private sealed class Region : IRegionOfInterest
    {
        public bool IsAvailable { get; set; } = true;

        public (double X, double Y, double Width, double Height) Last { get; private set; }

        public void Set(double x, double y, double width, double height) => Last = (x, y, width, height);
    }
}
