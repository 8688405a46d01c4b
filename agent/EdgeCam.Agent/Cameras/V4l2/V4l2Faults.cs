namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The words for what goes wrong with a node. They stay the same from attempt to attempt, so that each is told once.</summary>
internal static class V4l2Faults
{
    public static V4l2Ending Missing(string path) =>
        new($"{path} is not there: connect the camera, or load its driver. The picture comes by itself with it; \"ls /dev/video* /dev/v4l/by-id\" shows what is there.");

    public static V4l2Ending WaitsForWriter(string path) =>
        new($"{path} waits for pictures: nobody writes to this loopback. The picture comes by itself when somebody does.", IsWaiting: true);

    public static V4l2Ending NoCapture(string path, V4l2Identity device)
    {
        var kind = device.Capabilities switch
        {
            _ when device.IsCodec => "an encoder or decoder without a camera",
            var can when can.HasFlag(V4l2Capabilities.MetadataCapture) => "a camera's node for metadata",
            var can when (can & (V4l2Capabilities.VideoOutput | V4l2Capabilities.VideoOutputMultiPlanar)) != 0 => "an output",
            _ => "not a node for pictures",
        };
        return new($"{path} ({device}) is {kind}: name the node that captures; \"edgecam devices\" lists them.", IsRefusal: true);
    }

    public static V4l2Ending NoStreaming(string path, V4l2Identity device) =>
        new($"{path} ({device}) has no streaming by mapped buffers (V4L2_CAP_STREAMING): take another camera.", IsRefusal: true);

    /// <param name="encoder">As configured: which formats are of use depends on it.</param>
    public static V4l2Ending NoFormat(string path, V4l2Identity device, IReadOnlyList<V4l2PixelFormat> formats, string encoder)
    {
        var offers = formats.Count == 0 ? "no format at all" : string.Join(", ", formats.Take(V4l2PixelFormat.Listed));
        if (formats.Count > V4l2PixelFormat.Listed)
            offers += $" and {formats.Count - V4l2PixelFormat.Listed} more";
        return new(
            encoder == "camera"
                ? $"{path} ({device}) gives no H.264; it offers {offers}. Name another node of the same camera (\"edgecam devices\" lists them), or set encoder to \"auto\": the agent then encodes."
                : $"{path} ({device}) gives nothing that can be {(encoder == "auto" ? "shown or encoded" : "encoded")}; it offers {offers}. Name another node of the same camera (\"edgecam devices\" lists them).",
            IsRefusal: true);
    }

    /// <param name="wanted">That it lists.</param>
    public static V4l2Ending NotTaken(string path, uint wanted, V4l2Format format) =>
        new($"{path} lists {(wanted == V4l2PixelFormat.H264 ? "H.264" : V4l2PixelFormat.LettersOf(wanted))} but sets itself to {V4l2PixelFormat.LettersOf(format.FourCc)} instead: another program may hold it; \"fuser -v {path}\" names that.");

    public static V4l2Ending NotH264(string path) =>
        new($"What {path} gives as H.264 has no start codes (Annex B): its driver or whoever writes to it gives something else.", IsRefusal: true);

    public static V4l2Ending WrongPictures(string path, uint fourCc, string why) =>
        new($"What {path} gives as {V4l2PixelFormat.LettersOf(fourCc)} are no such pictures ({why}): its driver or whoever writes to it gives something else.", IsRefusal: true);

    public static V4l2Ending NoEncoder(string why) => new(why, IsRefusal: true);

    public static V4l2Ending EncoderFailed(string why) => new($"{why} The camera is opened again.");

    public static V4l2Ending NoKeyFrame(string path) =>
        new($"{path} waits for a key frame: pictures come, but none with SPS and PPS yet. Set its encoder to repeat them with each key frame, and key frames to each few seconds.");

    public static V4l2Ending Stalled(string path, TimeSpan time) => new($"{path} gave no picture for {time.TotalSeconds:0} s; it is opened again until it does.");

    public static V4l2Ending SourceChanged(string path) => new($"{path} changed its picture's format; it is opened again.", IsAtOnce: true);

    public static V4l2Ending Ended(string path) => new($"{path} ended its stream; it is opened again.");

    public static V4l2Ending PollFailed(string path) => new($"{path} reports that its stream failed (POLLERR); it is opened again until it works.");

    /// <summary>What a refused call means.</summary>
    public static V4l2Ending Explain(string path, V4l2Exception failure, bool isLoopback) => failure switch
    {
        { Error: V4l2Exception.NoEntry or V4l2Exception.NoDevice or V4l2Exception.NoAddress } => Missing(path),
        { Error: V4l2Exception.NoAccess } =>
            new($"{path} may not be opened by the user who runs edgecam: add that user to the group that owns it (usermod -aG video edgecam), and restart edgecam."),
        { Error: V4l2Exception.NotTerminal, Call: V4l2Calls.Identify } => new($"{path} is not a V4L2 device node: name one such as /dev/video0.", IsRefusal: true),
        { Error: V4l2Exception.InputOutput or V4l2Exception.Busy or V4l2Exception.Invalid } when isLoopback => WaitsForWriter(path),
        { Error: V4l2Exception.Busy } => new($"{path} is used by another program: end that; \"fuser -v {path}\" names it."),
        { Error: V4l2Exception.BrokenPipe } => Ended(path),
        _ => new($"{path}: {failure.Message}; it is opened again until it works."),
    };

    /// <summary>The same for who asks once, and does not open it again.</summary>
    public static string ExplainOnce(string path, V4l2Exception failure) => failure.Error switch
    {
        V4l2Exception.NoEntry or V4l2Exception.NoDevice or V4l2Exception.NoAddress => $"{path} is not there: \"edgecam devices\" lists what there is.",
        V4l2Exception.NoAccess or V4l2Exception.NotTerminal or V4l2Exception.Busy => Explain(path, failure, isLoopback: false).Detail,
        _ => $"{path}: {failure.Message}.",
    };
}
