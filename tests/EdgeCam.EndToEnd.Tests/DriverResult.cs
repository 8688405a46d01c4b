using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a driver found out.</summary>
internal sealed record DriverResult(string Script, JsonNode Result, string Log)
{
    public bool IsOk => Result["ok"]?.GetValue<bool>() == true;

    public JsonNode? this[string name] => Result[name];

    public double Number(string name) => Result[name]?.GetValue<double>() ?? throw new Xunit.Sdk.XunitException($"{Script} says no {name}: {Result.ToJsonString()}");

    public string? Text(string name) => Result[name]?.GetValue<string>();

    public bool Flag(string name) => Result[name]?.GetValue<bool>() == true;

    /// <summary>The names of the viewer's states in their order, each run of one told once.</summary>
    public IReadOnlyList<string> States =>
        [.. Result["states"]!.AsArray().Select(state => state!["name"]!.GetValue<string>()).Aggregate(new List<string>(), (names, name) =>
        {
            if (names.Count == 0 || names[^1] != name)
                names.Add(name);
            return names;
        })];

    public DriverResult MustBeOk()
    {
        Assert.True(IsOk, $"{Script}: {Text("error")}\n{Result.ToJsonString()}\n{Log}");
        return this;
    }

    /// <summary>Fails with everything that is known.</summary>
    public void Must(bool condition, string words) => Assert.True(condition, $"{Script}: {words}\n{Result.ToJsonString()}\n{Log}");
}
