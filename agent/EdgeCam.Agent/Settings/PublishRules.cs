using System.Globalization;
using EdgeCam.Agent.Publishing;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about the outputs before anything starts.</summary>
internal static class PublishRules
{
    private const int MaxOutputs = 8;

    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        var outputs = options.Publish;
        if (outputs.Length > MaxOutputs)
            mistakes.Add(new("publish", $"has {outputs.Length} outputs", $"Name at most {MaxOutputs}: each is one more connection to send the picture to."));
        for (var i = 0; i < outputs.Length; i++)
        {
            var (output, where) = (outputs[i], string.Create(CultureInfo.InvariantCulture, $"publish[{i}]"));
            if (Array.FindIndex(outputs, other => other.Name == output.Name) < i)
                mistakes.Add(new($"{where}.name", $"\"{output.Name}\" is the name of another output too", "Give each output a name of its own."));
            if (!Array.Exists(options.Cameras, camera => camera.Name == output.Camera))
                mistakes.Add(new($"{where}.camera", $"there is no camera \"{output.Camera}\"", $"Name one of: {string.Join(", ", options.Cameras.Select(static camera => camera.Name))}."));
            CheckAddress(output, where, mistakes);
            AgentOptionsValidator.CheckReadable($"{where}.toFile", output.ToFile, mistakes);
            AgentOptionsValidator.CheckReadable($"{where}.bearerTokenFile", output.BearerTokenFile, mistakes);
            AgentOptionsValidator.CheckReadable($"{where}.caFile", output.CaFile, mistakes);
        }
    }

    private static void CheckAddress(PublishOptions output, string where, List<ConfigurationMistake> mistakes)
    {
        if (output.To is null == output.ToFile is null)
        {
            mistakes.Add(new($"{where}.to", output.To is null ? "is missing" : "and toFile are both there",
                "Write whip:https://… into \"to\"; or, where the address is a secret by itself, into a file, and name that in \"toFile\"."));
        }
        else if (output.To is { } address && !WhipAddress.TryParse(address, output.AllowPlaintext, out _, out var problem, out var remedy))
        {
            mistakes.Add(new($"{where}.to", problem, remedy));
        }
    }
}
