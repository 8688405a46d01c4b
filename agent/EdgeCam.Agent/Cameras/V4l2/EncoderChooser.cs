using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Opens the encoder for a camera's raw pictures: the board's where there is one and the operator does not say otherwise, else libx264; and says once which and why.</summary>
internal sealed class EncoderChooser(CameraOptions options, IV4l2System system, Func<Instant> clock, ILogger log)
{
    private const int MostTold = 32;

    private readonly HashSet<string> _told = [];
    private string? _blame;
    private string? _blameBeside;

    /// <summary>For the main stream.</summary>
    /// <exception cref="EncoderException">There is none, or not the one that the operator wants.</exception>
    public IPictureEncoder Open(EncoderSettings settings) => Open(settings, "", Blamed);

    /// <summary>For the substream: no camera is refused because the board encodes one stream only.</summary>
    /// <inheritdoc cref="Open(EncoderSettings)"/>
    public IPictureEncoder OpenBeside(EncoderSettings settings)
    {
        try
        {
            return Open(settings, "the substream ", _blameBeside ?? Blamed);
        }
        catch (EncoderException failure) when (options.Encoder != "software")
        {
            Tell($"the substream by libx264: {failure.Message}");
            return EncoderOutput.OpenSoftware(settings);
        }
    }

    /// <summary>The board's encoder failed at work: libx264 takes its place where the operator does not name the board's.</summary>
    public void Blame(string why) => _blame = why;

    /// <summary>It failed for the substream, which libx264 encodes from then on; the main stream's is another opening of it, and none the worse.</summary>
    public void BlameBeside(string why) => _blameBeside = why;

    private string? Blamed => options.Encoder == "hardware" ? null : _blame;

    /// <summary>The board's encoders that give H.264 of what the agent gives them.</summary>
    public static IReadOnlyList<string> FindNodes(IV4l2System system, out string reason)
    {
        List<string> found = [];
        reason = "no /dev/video* takes raw pictures and gives H.264";
        foreach (var path in system.ListNodes())
        {
            try
            {
                using var node = system.OpenEncoder(path);
                if (node.Identify().IsCodec
                    && node.ListFormats(M2mSide.Coded).Any(static format => format.FourCc == V4l2PixelFormat.H264)
                    && node.ListFormats(M2mSide.Raw).Any(static format => M2mPicture.Formats.Contains(format.FourCc)))
                    found.Add(path);
            }
            catch (V4l2Exception failure)
            {
                if (failure.Error == V4l2Exception.NoAccess)
                    reason = $"{path} may not be opened by the user who runs edgecam (usermod -aG video edgecam)";
            }
        }

        return found;
    }

    /// <param name="blame">Why the board's encoder is not to be taken; null where it may be.</param>
    private IPictureEncoder Open(EncoderSettings settings, string what, string? blame)
    {
        var why = "encoder is \"software\"";
        if (options.Encoder != "software")
        {
            if (FindHardware(settings, blame, out why) is { } hardware)
            {
                Tell($"{what}by {hardware.Words}");
                return hardware;
            }

            if (options.Encoder == "hardware")
                throw new EncoderException($"Encoder \"hardware\" cannot be had: {why}. \"edgecam devices\" lists what there is; encoder \"auto\" takes libx264 instead.");
        }

        var software = EncoderOutput.OpenSoftware(settings);
        Tell($"{what}by libx264: {why}");
        return software;
    }

    private M2mEncoder? FindHardware(EncoderSettings settings, string? blame, out string why)
    {
        why = blame ?? "";
        if (blame is not null)
            return null;
        var nodes = options.EncoderNode is { } named ? [named] : FindNodes(system, out why);
        foreach (var path in nodes)
        {
            try
            {
                return new(path, system.OpenEncoder(path), new M2mH264(), settings, clock);
            }
            catch (V4l2Exception failure)
            {
                why = $"{path}: {failure.Message}";
            }
            catch (EncoderException failure)
            {
                why = failure.Message.TrimEnd('.');
            }
        }

        return null;
    }

    private void Tell(string words)
    {
        if (_told.Count < MostTold && _told.Add(words))
            log.EncoderChosen(options.Name, words);
    }
}
