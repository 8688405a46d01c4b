using System.Globalization;
using EdgeCam.Agent.Cameras.V4l2.M2m;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Looks at a machine's device nodes as the agent would, without starting any.</summary>
internal sealed class NodeSurvey(IV4l2System system, Func<bool> hasDecoder)
{
    private const int MostSizes = 24; // of a format; some have one for each handful of pixels

    public DevicesReport Run(IReadOnlyList<CameraOptions> cameras)
    {
        var mistake = EncoderMachine.SoftwareMistake;
        var (rpicam, _) = RpicamCommandLine.FindProgram(new("cam0", "rpicam:0"));
        return new(
            [.. system.ListNodes().Select(Describe)], mistake ?? "libx264 by the system's libavcodec", mistake is null, rpicam,
            [.. cameras.Select(camera => new CameraChoice(camera.Name, camera.Source, Choose(camera)))]);
    }

    private NodeReport Describe(string path)
    {
        try
        {
            using var node = system.Open(path);
            var device = node.Identify();
            return device.IsCodec ? DescribeCodec(path, device) : device.CanCapture && device.CanStream ? DescribeCamera(path, device, node) : Other(path, device, V4l2Faults.NoCapture(path, device).Detail);
        }
        catch (V4l2Exception failure)
        {
            return Other(path, new("", "", V4l2Capabilities.None), V4l2Faults.ExplainOnce(path, failure));
        }
    }

    private static NodeReport Other(string path, V4l2Identity device, string problem) => new(path, "other", device.Card, device.Driver, problem, [], [], [], "");

    private NodeReport DescribeCamera(string path, V4l2Identity device, IV4l2Node node)
    {
        var formats = node.ListFormats();
        if (device.IsLoopback && formats.Count != 1)
            return Other(path, device, V4l2Faults.WaitsForWriter(path).Detail);
        return new(
            path, "camera", device.Card, device.Driver, null,
            [.. formats.Select(format => new NodeFormat(format.Letters, format.Description, IsUsed(format), [.. SizesOf(node, format.FourCc)]))], [],
            [.. node.ListControls().Where(static control => control.IsPicture && control.HasValue).Select(control => Describe(node, control))],
            Choose(path, node, formats, new("cam0", V4l2Source.Scheme + path)));
    }

    private NodeReport DescribeCodec(string path, V4l2Identity device)
    {
        using var node = system.OpenEncoder(path);
        var (takes, gives) = (node.ListFormats(M2mSide.Raw), node.ListFormats(M2mSide.Coded));
        var isEncoder = takes.Any(static format => M2mPicture.Formats.Contains(format.FourCc));
        if (!isEncoder)
            return Other(path, device, $"It takes {Letters(takes)} and gives {Letters(gives)}: no encoder for pictures of a camera.");
        var isUsed = gives.Any(static format => format.FourCc == V4l2PixelFormat.H264);
        return new(
            path, "encoder", device.Card, device.Driver, null, [.. gives.Select(static format => new NodeFormat(format.Letters, format.Description, format.FourCc == V4l2PixelFormat.H264, []))],
            [.. takes.Select(static format => format.Letters)], [], isUsed ? "encodes H.264; prove it: edgecam devices --try " + path : "gives no H.264: not used");
    }

    private static string Letters(IReadOnlyList<V4l2PixelFormat> formats) => formats.Count == 0 ? "nothing" : string.Join(' ', formats.Select(static format => format.Letters).Take(MostSizes));

    private bool IsUsed(V4l2PixelFormat format) => format.FourCc == V4l2PixelFormat.H264 || V4l2PixelFormat.Raw.Contains(format.FourCc) || (format.IsJpeg && hasDecoder());

    private static string Describe(IV4l2Node node, V4l2ControlInfo control)
    {
        var range = control.Menu.Count > 0
            ? string.Join(", ", control.Menu.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value} {entry.Name}")))
            : string.Create(CultureInfo.InvariantCulture, $"{control.Minimum} to {control.Maximum}");
        return string.Create(CultureInfo.InvariantCulture, $"{control.Name}={node.GetControl(control.Id) ?? control.Default} ({range}{(control.IsInactive ? "; not now" : "")})");
    }

    private static IEnumerable<string> SizesOf(IV4l2Node node, uint fourCc)
    {
        var sizes = node.ListSizes(fourCc);
        foreach (var size in sizes.Take(MostSizes))
        {
            var rates = node.ListRates(fourCc, size.MaxWidth, size.MaxHeight);
            var words = rates.Select(static rate => rate.Slowest == rate.Fastest
                ? string.Create(CultureInfo.InvariantCulture, $"{rate.Fastest:0.##}")
                : string.Create(CultureInfo.InvariantCulture, $"{rate.Slowest:0.##} to {rate.Fastest:0.##}"));
            yield return rates.Count == 0 ? size.ToString() : $"{size} at {string.Join(", ", words)}";
        }

        if (sizes.Count > MostSizes)
            yield return $"and {sizes.Count - MostSizes} more";
    }

    private string Choose(CameraOptions options)
    {
        if (options.Source.StartsWith("rpicam:", StringComparison.Ordinal) && RpicamCommandLine.FindProgram(options) is { Path: null } missing)
            return missing.Reason;
        if (!options.Source.StartsWith(V4l2Source.Scheme, StringComparison.Ordinal))
        {
            var choice = EncoderChoice.For(options, new EncoderMachine(system));
            return CameraSources.Describe(choice) + (choice.Options.AgentEncodes ? $"; encoded by {Encoder(choice.Options)}" : "");
        }

        var path = options.Source[V4l2Source.Scheme.Length..];
        try
        {
            using var node = system.Open(path);
            var device = node.Identify();
            return device.CanCapture ? Choose(path, node, node.ListFormats(), options) : V4l2Faults.NoCapture(path, device).Detail;
        }
        catch (V4l2Exception failure)
        {
            return V4l2Faults.Explain(path, failure, isLoopback: false).Detail;
        }
    }

    private string Choose(string path, IV4l2Node node, IReadOnlyList<V4l2PixelFormat> formats, CameraOptions options)
    {
        if (V4l2Setup.Choose(node, formats, options, hasDecoder) is not { } mode)
            return V4l2Faults.NoFormat(path, node.Identify(), formats, options.Encoder).Detail;
        if (mode.FourCc == V4l2PixelFormat.H264)
            mode = V4l2Mode.Nearest(node, mode.FourCc, options.Width, options.Height, options.FrameRate);
        var rate = mode.Rate is { } own ? string.Create(CultureInfo.InvariantCulture, $" at {own:0.##} a second") : "";
        var asked = string.Create(CultureInfo.InvariantCulture, $"{mode.Width}x{mode.Height}{rate} ({options.Width}x{options.Height} at {options.FrameRate} was asked for)");
        return mode.FourCc == V4l2PixelFormat.H264
            ? $"its own H.264, {asked}"
            : $"{V4l2PixelFormat.LettersOf(mode.FourCc)}, {asked}, {(options.AgentEncodes ? $"as encoder is \"{options.Encoder}\"" : "as it gives no H.264")}; encoded by {Encoder(options)}";
    }

    private string Encoder(CameraOptions options)
    {
        var why = "encoder is \"software\"";
        if (options.Encoder != "software")
        {
            if (options.EncoderNode is { } named)
                return $"{named}, as encoderNode says";
            if (EncoderChooser.FindNodes(system, out why) is [var first, ..])
                return first;
            if (options.Encoder == "hardware")
                return $"nothing: {why}";
        }

        return EncoderMachine.SoftwareMistake is null ? $"libx264: {why}" : $"nothing: {why}, and libx264 cannot be used";
    }
}
