using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;
using Json.Schema;

namespace EdgeCam.Agent.Tests.Configuration;

/// <summary>The JSON Schema that the program prints: it is what the code checks.</summary>
public sealed class SchemaTests
{
    private static readonly string s_root = RepositoryRoot();
    private static readonly string s_file = Path.Combine(s_root, "deploy", "edgecam.schema.json");
    private static readonly string s_shipped = File.ReadAllText(Path.Combine(s_root, "deploy", "edgecam.json"));
    private static readonly Lazy<JsonSchema> s_schema = new(static () => JsonSchema.FromText(ConfigurationSchema.Read()));

    /// <summary>With EDGECAM_WRITE_SCHEMA=1 in the environment it is written anew.</summary>
    [Fact]
    public void The_shipped_schema_is_made_of_the_keys_their_rules_and_their_comments()
    {
        var made = SchemaMaker.Make(s_shipped);
        if (Environment.GetEnvironmentVariable("EDGECAM_WRITE_SCHEMA") == "1")
            File.WriteAllText(s_file, made);
        Assert.True(made == File.ReadAllText(s_file), "deploy/edgecam.schema.json is of another time: run this test with EDGECAM_WRITE_SCHEMA=1 to write it, and build again.");
    }

    [Fact]
    public async Task The_program_prints_it()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(["schema"], (_, _, _, _, _) => new FakePlane(new()), output, output));
        Assert.Equal(File.ReadAllText(s_file), output.ToString());
    }

    [Fact]
    public void The_shipped_configuration_is_valid_by_it() => Assert.Null(FindMistake(s_shipped));

    [Theory]
    [InlineData("""{ "cameras": [{ "name": "porch", "source": "rpicam:0", "width": 640, "substream": { "enabled": false } }] }""", true)]
    [InlineData("""{ "cameras": [{ "name": "porch", "source": "rpicam:0", "width": 5 }] }""", false)]
    [InlineData("""{ "cameras": [{ "name": "porch", "source": "rpicam:0", "level": "4.1", "profile": "main" }] }""", true)]
    [InlineData("""{ "cameras": [{ "name": "porch", "source": "rpicam:0", "level": "6" }] }""", false)]
    [InlineData("""{ "cameras": [{ "name": "Porch", "source": "rpicam:0" }] }""", false)]
    [InlineData("""{ "cameras": [{ "name": "porch" }] }""", false)]
    [InlineData("""{ "log": { "level": "loud" } }""", false)]
    [InlineData("""{ "log": { "levle": "debug" } }""", false)]
    [InlineData("""{ "log": { "level": null } }""", true)]
    [InlineData("""{ "log": null, "mqtt": null }""", true)]
    [InlineData("""{ "mqtt": { "keepAliveSeconds": "30" } }""", false)]
    [InlineData("""{ "mqtt": { "keepAliveSeconds": 4 } }""", false)]
    [InlineData("""{ "mqtt": { "prefix": "a/b/c" } }""", true)]
    [InlineData("""{ "mqtt": { "prefix": "a/b/c/d" } }""", false)]
    [InlineData("""{ "ptz": [{ "camera": "cam0", "driver": "pelco-d:/dev/ttyUSB0", "pan": { "maxSpeed": 2.5 } }] }""", true)]
    [InlineData("""{ "ptz": [{ "camera": "cam0", "driver": "pelco-d:/dev/ttyUSB0", "leaseSeconds": 0 }] }""", false)]
    [InlineData("""{ "gpio": { "lines": [{ "name": "lamp", "offset": 17, "scope": "manage" }], "interlocks": [{ "never": ["a", "b"] }] } }""", true)]
    [InlineData("""{ "peers": { "stunServers": [1] } }""", false)]
    [InlineData("""{ "http": [] }""", false)]
    [InlineData("""{ "device": { "name": "" } }""", false)]
    [InlineData("[]", false)]
    public void It_says_of_one_file_what_the_program_says(string json, bool isGood)
    {
        Assert.True(isGood == FindMistake(json) is null, FindMistake(json) ?? "no mistake");
        var mistakes = AgentOptionsReader.Parse(json).Mistakes;
        if (!json.Contains("interlocks", StringComparison.Ordinal)) // which lines there are, no schema knows
            Assert.True(isGood == (mistakes.Count == 0), string.Join('\n', mistakes));
    }

    /// <summary>What is wrong by the schema; null where nothing is.</summary>
    private static string? FindMistake(string json)
    {
        var result = s_schema.Value.Evaluate(
            JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }).RootElement, new() { OutputFormat = OutputFormat.List });
        return result.IsValid ? null : string.Join('\n', result.Details!.Where(static detail => detail.Errors is not null).Select(static detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}"));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EdgeCam.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
