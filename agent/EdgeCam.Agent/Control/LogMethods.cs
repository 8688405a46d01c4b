using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>log</c>: its last lines, and how much is written to it.</summary>
internal static class LogMethods
{
    /// <summary>Characters of all lines of one answer: with what JSON adds, below what a message may have.</summary>
    public const int MaxAnswer = 40_000;

    private const int MaxLines = 500;
    private const int UsualLines = 100;
    private const int MaxCategory = 128;
    private const int UsualSeconds = 600;

    public static IEnumerable<ControlMethod> Create(AgentLog log)
    {
        yield return ControlMethod.Immediate(
            "log.tail", AccessScope.Manage, "Gives the newest lines of the log, oldest first. With what next says as since it gives those that came after.",
            [
                new("lines", ParameterKind.Integer, $"At most so many; {UsualLines} where it is left out.", Minimum: 1, Maximum: MaxLines),
                new("level", ParameterKind.Text, "The least; all that were written where it is left out.", Values: LogLevels.Words),
                new("since", ParameterKind.Integer, "The number of a line: only later ones.", Minimum: 0, Maximum: long.MaxValue),
            ],
            call => Tail(call, log.Ring));
        yield return ControlMethod.Immediate(
            "log.level", AccessScope.Manage, "Sets for a time how much is written to the log, then the configured level is back. Without level it ends what was set before.",
            [
                new("level", ParameterKind.Text, "The least that is written.", Values: LogLevels.Words),
                new("category", ParameterKind.Text, "Only for this part of the agent and all below it, such as EdgeCam.Agent.Mqtt.", Minimum: 1, Maximum: MaxCategory),
                new("seconds", ParameterKind.Integer, $"For so long; {UsualSeconds} where it is left out.", Minimum: 1, Maximum: 86_400, Unit: "s"),
            ],
            call => SetLevel(call, log.Levels));
    }

    private static ControlError? Tail(ControlCall call, LogRing ring)
    {
        var given = call.Arguments;
        var level = given.Text("level") is { } word ? LogLevels.Parse(word) : LogLevel.Trace;
        var since = given.Integer("since") ?? 0;
        var newest = ring.Newest;
        if (since > newest)
            since = 0; // the agent has started anew meanwhile, and counts from 1 again
        var found = ring.Tail((int)(given.Integer("lines") ?? UsualLines), level, since);
        var first = found.Count;
        for (var length = 0; first > 0; first--)
        {
            // As long as it may become: a quotation mark is six characters, an umlaut too.
            length += JsonEncodedText.Encode(found[first - 1].Text).EncodedUtf8Bytes.Length + 160;
            if (length > MaxAnswer)
                break;
        }

        var writer = call.Result;
        writer.WriteStartObject();
        writer.WriteStartArray("lines");
        foreach (var entry in found.Skip(first))
        {
            writer.WriteStartObject();
            writer.WriteNumber("n", entry.Number);
            writer.WriteNumber("at", entry.At.ToUnixTimeMilliseconds());
            writer.WriteString("level", LogLevels.Word(entry.Level));
            writer.WriteString("category", entry.Category);
            writer.WriteString("text", entry.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("cut", first > 0);
        writer.WriteNumber("next", found.Count > 0 ? Math.Max(newest, found[^1].Number) : newest);
        writer.WriteEndObject();
        return null;
    }

    private static ControlError? SetLevel(ControlCall call, LogLevels levels)
    {
        var given = call.Arguments;
        var category = given.Text("category") ?? LogLevels.Own;
        if (category != LogLevels.Own && !category.StartsWith(LogLevels.Own + ".", StringComparison.Ordinal))
            return ControlError.BadParameters($"category begins with {LogLevels.Own}: what libraries write is not turned up, for nobody here knows what they would tell");
        var span = TimeSpan.FromSeconds(given.Integer("seconds") ?? UsualSeconds);
        if (given.Text("level") is { } word)
            levels.Set(category, LogLevels.Parse(word), span);
        else
            levels.Reset(category);
        call.Result.WriteStartObject();
        call.Result.WriteString("category", category);
        call.Result.WriteString("level", LogLevels.Word(levels.LevelOf(category)));
        if (given.Text("level") is not null)
            call.Result.WriteNumber("seconds", (long)span.TotalSeconds);
        call.Result.WriteEndObject();
        return null;
    }
}
