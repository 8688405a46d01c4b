namespace EdgeCam.Agent.Settings;

/// <summary>
/// The configuration as JSON Schema (2020-12), <c>deploy/edgecam.schema.json</c>: a test makes it of the keys, their records and the comments in
/// <c>deploy/edgecam.json</c>, and holds it equal to the file that the program carries along.
/// </summary>
internal static class ConfigurationSchema
{
    private const string Resource = "edgecam.schema.json";

    public static string Read()
    {
        using var stream = typeof(ConfigurationSchema).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
