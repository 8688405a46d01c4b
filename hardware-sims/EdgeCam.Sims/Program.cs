using EdgeCam.Sims.Camera;
using EdgeCam.Sims.Ptz;

return args switch
{
    ["camera", .. var rest] => CameraCommand.Run(rest),
    ["ptz", .. var rest] => PtzCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: edgecam-sims VERB [OPTIONS]

          camera    a camera with rpicam-vid's command line and stdout (camera --help)
          ptz       a pan-tilt-zoom head on a pseudo terminal, in Pelco-D and VISCA (ptz --help)
        """);
    return 2;
}
