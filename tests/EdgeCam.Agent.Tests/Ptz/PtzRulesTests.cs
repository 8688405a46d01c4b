using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Ptz;

public class PtzRulesTests
{
    [Theory]
    [InlineData("pelco-d:/dev/ttyUSB0?address=1&baud=2400&position=query&tilt=up")]
    [InlineData("pelco-d:/dev/ttyUSB0?address=255&baud=230400")]
    [InlineData("visca:/dev/ttyUSB0?address=1&baud=9600&position=query&step=0.075&tiltSpeeds=20")]
    [InlineData("visca:/dev/ttyUSB0?address=7&baud=38400&position=reckon&tiltSpeeds=23")]
    [InlineData("pca9685:/dev/i2c-1?address=0x40")]
    [InlineData("pca9685:unix:/run/i2c?address=0x41")]
    [InlineData("pwm:/sys/class/pwm/pwmchip0")]
    public void Each_driver_may_be_written_as_the_manual_has_it(string driver) => Assert.Empty(Check(new PtzOptions("cam0", driver)));

    [Theory]
    [InlineData("")]
    [InlineData("pelco")]
    [InlineData("servo:/dev/ttyUSB0")]
    [InlineData("pelco-d:")]
    [InlineData("pelco-d:ttyUSB0")]
    [InlineData("pelco-d:/dev/ttyUSB0?address=0")]
    [InlineData("pelco-d:/dev/ttyUSB0?address=256")]
    [InlineData("pelco-d:/dev/ttyUSB0?baud=5000")]
    [InlineData("pelco-d:unix:/dev/ttyUSB0")]
    [InlineData("visca:/dev/ttyUSB0?baud=31250")]
    [InlineData("visca:/dev/ttyUSB0?address=0")]
    [InlineData("visca:/dev/ttyUSB0?tiltSpeeds=24")]
    [InlineData("pelco-d:/dev/ttyUSB0?address=1&address=2")]
    [InlineData("pelco-d:/dev/ttyUSB0?baud=fast")]
    [InlineData("pelco-d:/dev/ttyUSB0?bauds=2400")]
    [InlineData("pelco-d:/dev/ttyUSB0?position=yes")]
    [InlineData("visca:/dev/ttyUSB0?address=8")]
    [InlineData("visca:/dev/ttyUSB0?step=0")]
    [InlineData("visca:/dev/ttyUSB0?step=NaN")]
    [InlineData("pca9685:/dev/i2c-1?address=0x80")]
    [InlineData("pca9685:i2c-1")]
    [InlineData("pwm:/sys/class/pwm/pwmchip0?channel=0")]
    [InlineData("digital:/dev/video0")]
    public void Any_other_is_a_mistake_with_a_remedy(string driver)
    {
        var mistake = Assert.Single(Check(new PtzOptions("cam0", driver)), mistake => mistake.Key == "ptz[0].driver");
        Assert.Matches("Write|knows", mistake.Remedy);
    }

    [Fact]
    public void A_head_carries_a_camera_that_there_is_and_is_its_only_one()
    {
        Assert.Equal("ptz[0].camera", Assert.Single(Check(new PtzOptions("cam7", "pelco-d:/dev/ttyUSB0"))).Key);
        Assert.Equal("ptz[1].camera", Assert.Single(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0"), new PtzOptions("cam0", "pelco-d:/dev/ttyUSB1"))).Key);
    }

    [Fact]
    public void A_serial_port_has_one_head()
    {
        Assert.Equal("ptz[1].driver", Assert.Single(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0?address=1"), new PtzOptions("cam1", "pelco-d:/dev/ttyUSB0?address=2"))).Key);
        Assert.Empty(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0"), new PtzOptions("cam1", "visca:/dev/ttyUSB1")));
    }

    [Fact]
    public void A_head_inside_the_picture_needs_the_agent_s_own_encoder()
    {
        Assert.Equal("ptz[0].driver", Assert.Single(Check(new PtzOptions("cam0", "digital:"))).Key);
        Assert.Empty(Check(new PtzOptions("cam1", "digital:")));
    }

    [Fact]
    public void Ends_and_speeds_make_sense()
    {
        Assert.Equal("ptz[0].pan.minimum", One(new(Minimum: 10, Maximum: 10)));
        Assert.Equal("ptz[0].pan.minimum", One(new(Minimum: double.NaN)));
        Assert.Equal("ptz[0].pan.softMinimum", One(new(SoftMinimum: -171)));
        Assert.Equal("ptz[0].pan.softMinimum", One(new(SoftMinimum: 20, SoftMaximum: 10)));
        Assert.Equal("ptz[0].pan.maxSpeed", One(new(MaxSpeed: 0)));
        Assert.Equal("ptz[0].pan.acceleration", One(new(Acceleration: -1)));
        Assert.Equal("ptz[0].zoom.minimum", Assert.Single(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0", Zoom: new(Minimum: 0.5)))).Key);
        var none = new PtzAxisOptions(Enabled: false);
        Assert.Equal("ptz[0]", Assert.Single(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0", Pan: none, Tilt: none, Zoom: none))).Key);
    }

    [Fact]
    public void Servos_have_an_output_each_and_pulses_in_order()
    {
        Assert.Contains("channel", Assert.Single(Check(new PtzOptions("cam0", "pwm:/chip", Pan: new(Channel: 1)))).Remedy, StringComparison.Ordinal);
        Assert.Contains("minPulse", Assert.Single(Check(new PtzOptions("cam0", "pca9685:/dev/i2c-1", Pan: new(MinPulse: 2000, MaxPulse: 1000)))).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pelco-d:/dev/ttyUSB0?baud=2400", 392)]
    [InlineData("pelco-d:/dev/ttyUSB0?baud=1200", 305)]
    [InlineData("visca:/dev/ttyUSB0?baud=4800", 365)]
    [InlineData("visca:/dev/ttyUSB0?baud=2400", 250)]
    [InlineData("pwm:/sys/class/pwm/pwmchip0", 400)]
    public void A_slow_line_leaves_less_patience_with_a_silent_operator(string driver, int longest)
    {
        Assert.Empty(Check(new PtzOptions("cam0", driver, StopAfterMilliseconds: longest)));
        if (longest == 400)
            return; // as long as can be configured
        var mistake = Assert.Single(Check(new PtzOptions("cam0", driver, StopAfterMilliseconds: longest + 1)));
        Assert.Equal("ptz[0].stopAfterMilliseconds", mistake.Key);
        Assert.Contains($"Raise baud, at the head and in its driver, or write {longest} or less", mistake.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_too_slow_for_any_patience_is_to_be_faster() =>
        Assert.Equal("Raise baud, at the head and in its driver.", Assert.Single(Check(new PtzOptions("cam0", "visca:/dev/ttyUSB0?baud=1200", StopAfterMilliseconds: 100))).Remedy);

    private static string One(PtzAxisOptions pan) => Assert.Single(Check(new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0", Pan: pan))).Key;

    private static List<ConfigurationMistake> Check(params PtzOptions[] heads)
    {
        List<ConfigurationMistake> mistakes = [];
        PtzRules.Check(new(Cameras: [new("cam0", "rpicam:0"), new("cam1", "rpicam:1", Encoder: "software")], Ptz: heads), mistakes);
        return mistakes;
    }
}
