using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>Two merge patches in one.</summary>
public sealed class ComposeTests
{
    private static readonly string[] s_names = ["a", "b", "c"];

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"c":2}}""", """{"a":{"b":1,"c":2}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":null}}""", """{"a":{"b":null}}""")] // a null is kept: the operator's file may have the key
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", """{"a":{"b":1,"x":null}}""")] // what was removed as a whole stays removed
    public void The_second_is_put_into_the_first(string first, string second, string composed) => Assert.Equal(
        composed, MergePatch.Compose(SettingsPlace.Json("""{"a":{"x":1}}"""), SettingsPlace.Json(first), SettingsPlace.Json(second)).ToJsonString());

    [Fact]
    public void Whatever_the_three_are_one_patch_does_what_two_do()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var (target, first, second) = (Any(random, 3, nulls: false), Any(random, 3, nulls: true), Any(random, 3, nulls: true));
            var inTurn = MergePatch.Apply(MergePatch.Apply(target, first), second);
            var atOnce = MergePatch.Apply(target, MergePatch.Compose(target, first, second));
            Assert.True(JsonNode.DeepEquals(inTurn, atOnce), $"{target.ToJsonString()} {first.ToJsonString()} {second.ToJsonString()}: {inTurn.ToJsonString()} {atOnce.ToJsonString()}");
        }
    }

    private static JsonObject Any(Random random, int depth, bool nulls)
    {
        var section = new JsonObject();
        foreach (var name in s_names)
        {
            var kind = random.Next(4);
            if (kind == 0)
                section[name] = random.Next(3);
            else if (kind == 1 && depth > 0)
                section[name] = Any(random, depth - 1, nulls);
            else if (kind == 2 && nulls)
                section[name] = null;
        }

        return section;
    }
}
