using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>
/// Bytes as the published command tables have them: Pelco's "D" protocol (TF-0002) as printed, among others, in the manuals of the DVDO C7-1
/// and the AViPAS AV-2020: FF, address, 00, 02 right / 04 left / 08 up / 10 down / 20 tele / 40 wide, pan speed, tilt speed, sum.
/// </summary>
public class PelcoDDriverTests
{
    private const string Stop = "FF010000000001";

    [Fact]
    public void The_line_begins_with_a_stop_and_the_guard_has_three()
    {
        var rig = new PtzRig(new("cam0", "pelco-d:/dev/ttyUSB0?address=1&baud=2400"));
        Assert.Equal("serial:/dev/ttyUSB0?baud=2400", rig.Port.Plan.Uri);
        Assert.Equal([Stop], rig.Port.Plan.Start.Select(Convert.ToHexString));
        Assert.Equal([Stop, Stop, Stop], rig.Port.Plan.Safe.Select(Convert.ToHexString));
        rig.Port.Open();
        Assert.Equal([Stop], rig.Port.Hex);
    }

    [Fact]
    public void A_motion_is_the_one_of_the_table()
    {
        var rig = PtzRig.PelcoD();
        rig.RunUntil(() =>
        {
            rig.Drive(32 / 63.0);
            return rig.Port.Hex.LastOrDefault() == "FF010002200023";
        }, 1000);
    }

    [Fact]
    public void A_motion_ends_with_three_stops_forty_milliseconds_apart()
    {
        var rig = PtzRig.PelcoD();
        rig.Drive(1);
        rig.Run(100);
        rig.Port.Written.Clear();
        rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, rig.Now);
        rig.Run(1000);
        Assert.Equal([Stop, Stop, Stop], rig.Port.Hex);
        Assert.Equal([40, 40], rig.Port.Written.Zip(rig.Port.Written.Skip(1), (one, next) => (next.At - one.At).TotalMilliseconds));
    }
}
