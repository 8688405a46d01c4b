using System.Globalization;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The picture's controls as the operator writes them: <c>brightness=128</c>.</summary>
internal static class PictureControls
{
    private const int LongestName = 32; // struct v4l2_queryctrl

    /// <summary>What is wrong with one as written, in words; null where nothing is.</summary>
    public static string? FindMistake(string written) => TryParse(written, out _, out _)
        ? null
        : $"\"{written}\" is no control: write NAME=NUMBER such as \"brightness=128\"; \"edgecam devices\" lists a camera's";

    public static bool TryParse(string written, out string name, out int value)
    {
        var equals = written.IndexOf('=', StringComparison.Ordinal);
        (name, value) = (equals < 0 ? "" : written[..equals], 0);
        return name.Length is > 0 and <= LongestName && name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_')
            && int.TryParse(written.AsSpan(equals + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Sets them in their order: one that switches automatic exposure off makes the next one settable.</summary>
    /// <returns>In words those that could not be set, empty where none.</returns>
    public static string Apply(IV4l2Controls device, IReadOnlyList<string> written)
    {
        if (written.Count == 0)
            return "";
        var known = device.ListControls();
        List<string> mistakes = [];
        foreach (var setting in written)
        {
            _ = TryParse(setting, out var name, out var value);
            if (known.FirstOrDefault(control => control.IsPicture && control.Name == name) is not { } control)
                mistakes.Add($"{name} (it has none such)");
            else if (control.FindMistake(value) is { } mistake)
                mistakes.Add($"{name} ({mistake})");
            else if (TrySet(device, control, value) is { } reason)
                mistakes.Add($"{name} ({reason})");
        }

        return mistakes.Count == 0 ? $"; {string.Join(", ", written)}" : $"; of its controls not set: {string.Join(", ", mistakes)}";
    }

    /// <returns>Why it was refused; null where it was not.</returns>
    public static string? TrySet(IV4l2Controls device, V4l2ControlInfo control, int value)
    {
        try
        {
            device.SetControl(control.Id, value);
            return null;
        }
        catch (V4l2Exception failure) when (failure.Error is not (V4l2Exception.NoDevice or V4l2Exception.NoAddress))
        {
            return failure.Message;
        }
    }
}
