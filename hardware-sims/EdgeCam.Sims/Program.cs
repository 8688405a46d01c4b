using EdgeCam.Sims.Camera;
using EdgeCam.Sims.Feed;
using EdgeCam.Sims.Fleet;
using EdgeCam.Sims.Gpio;
using EdgeCam.Sims.I2c;
using EdgeCam.Sims.Ptz;

return args switch
{
    ["camera", .. var rest] => CameraCommand.Run(rest),
    ["feed", .. var rest] => FeedCommand.Run(rest),
    ["ptz", .. var rest] => PtzCommand.Run(rest),
    ["i2c", .. var rest] => I2cCommand.Run(rest),
    ["gpio", .. var rest] => GpioCommand.Run(rest),
    ["fleet", .. var rest] => FleetCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: edgecam-sims VERB [OPTIONS]

          camera    a camera with rpicam-vid's command line and stdout (camera --help)
          feed      a clip in H.264, played into a video device of the kernel (feed --help)
          ptz       a pan-tilt-zoom head on a pseudo terminal, in Pelco-D and VISCA (ptz --help)
          i2c       an I2C bus with a PCA9685 that turns servos, behind a unix socket (i2c --help)
          gpio      a chip of GPIO lines with lamps, behind a unix socket (gpio --help)
          fleet     thousands of devices at a broker, as it sees them (fleet --help)
        """);
    return 2;
}
