using EdgeCam.Sims.Camera;

return args switch
{
    ["camera", .. var rest] => CameraCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: edgecam-sims VERB [OPTIONS]

          camera    a camera with rpicam-vid's command line and stdout (camera --help)
        """);
    return 2;
}
