using System.Globalization;

namespace EdgeCam.Agent.Settings;

/// <summary>What <c>recording</c> asks of itself and of the cameras.</summary>
internal static class RecordingRules
{
    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        var recording = options.Recording;
        if (recording.Folder is { } folder && !Path.IsPathFullyQualified(folder))
            mistakes.Add(new("recording.folder", $"\"{folder}\" does not begin with /", "Write the folder's full path, or null for the one in device.stateFolder."));
        for (var i = 0; i < recording.Cameras.Length; i++)
        {
            var (where, camera) = (string.Create(CultureInfo.InvariantCulture, $"recording.cameras[{i}].camera"), recording.Cameras[i].Camera);
            if (!options.Cameras.Any(known => known.Name == camera))
                mistakes.Add(new(where, $"\"{camera}\" is no camera", $"Name one of: {string.Join(", ", options.Cameras.Select(known => known.Name))}."));
            else if (Array.FindIndex(recording.Cameras, known => known.Camera == camera) < i)
                mistakes.Add(new(where, $"\"{camera}\" stands there twice", "Keep one of the two."));
        }
    }
}
