using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A device with a simulated head on a serial line and four simulated relays and a button, whose camera shows what these do.</summary>
internal sealed class ControlScene : IAsyncDisposable
{
    /// <summary>A moving head must stand, and a relay be safe, so long after whoever held it has gone; a machine that runs all tests at once has more time.</summary>
    public static readonly TimeSpan DeadMan = TimeSpan.FromMilliseconds(Workplace.IsSoak ? 500 : 1500);

    /// <summary>A small picture costs these tests little.</summary>
    public static readonly AgentSettings Small = new(Encoder: "software", FrameRate: 15, Width: 640, Height: 360);

    private readonly string _folder;
    private AgentProcess? _agent;

    private ControlScene(string folder, Hardware head, Hardware chip) => (_folder, Head, Chip) = (folder, head, chip);

    /// <summary>The head's serial line.</summary>
    public string Tty => Path.Combine(_folder, "tty");

    public string ChipSocket => Path.Combine(_folder, "chip");

    public Hardware Head { get; }

    public Hardware Chip { get; }

    public AgentProcess Agent => _agent!;

    /// <summary>The same agent again, after it was ended or killed.</summary>
    public Func<Task> RestartAsync { get; private set; } = static () => Task.CompletedTask;

    /// <param name="driver"><c>pelco-d</c> or <c>visca</c>.</param>
    /// <param name="adjust">Sees the configuration last.</param>
    public static async Task<ControlScene> StartAsync(string driver = "pelco-d", Action<JsonObject>? adjust = null, AgentSettings? settings = null)
    {
        Workplace.Need(Tool.Node);
        var folder = Directory.CreateTempSubdirectory("edgecam-hw-").FullName;
        var view = Path.Combine(folder, "view");
        var tty = Path.Combine(folder, "tty");
        var chipSocket = Path.Combine(folder, "chip");
        var head = await Hardware.StartAsync("ptz", folder, "--link", tty, "--protocol", driver, "--view", view, "--acceleration", "2400"); // brakes within 25 ms
        var chip = await Hardware.StartAsync("gpio", folder, "--socket", chipSocket, "--view", view);
        var scene = new ControlScene(folder, head, chip);
        try
        {
            settings = (settings ?? Small) with
            {
                Adjust = content =>
                {
                    var command = content["cameras"]![0]!["command"]!.AsArray();
                    command.Add("--view");
                    command.Add(view);
                    content["ptz"] = new JsonArray(new JsonObject { ["camera"] = "cam0", ["driver"] = $"{driver}:{tty}?address=1&position=query", ["leaseSeconds"] = 3 });
                    content["gpio"] = new JsonObject
                    {
                        ["chip"] = $"unix:{chipSocket}",
                        ["lines"] = new JsonArray(
                            Line("lamp", 0),
                            Line("up", 1),
                            Line("down", 2),
                            Line("lock", 3, ("scope", "manage"), ("activeLow", true)),
                            Line("button", 4, ("direction", "input"), ("pull", "up"), ("activeLow", true), ("debounceMilliseconds", 20))),
                        ["interlocks"] = new JsonArray(new JsonObject { ["never"] = new JsonArray("up", "down") }),
                    };
                    adjust?.Invoke(content);
                },
            };
            scene.RestartAsync = async () =>
            {
                if (scene._agent is { } former)
                    await former.DisposeAsync();
                scene._agent = null;
                scene._agent = await AgentProcess.StartAsync(settings);
            };
            await scene.RestartAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>How fast the head turns now, in degrees a second.</summary>
    public static double Speed(JsonNode head) => Math.Max(Math.Abs(head["panSpeed"]!.GetValue<double>()), Math.Abs(head["tiltSpeed"]!.GetValue<double>()));

    /// <summary>Whether a line of the chip is electrically high.</summary>
    public static bool IsHigh(JsonNode chip, int line) => chip["lines"]!.AsArray()[line]!["raw"]!.GetValue<int>() == 1;

    public Task<TimeSpan> UntilStandingAsync(TimeSpan? limit = null) => Head.UntilAsync(static head => Speed(head) == 0, "the head stands", limit);

    public Task<TimeSpan> UntilMovingAsync() => Head.UntilAsync(static head => Speed(head) > 5, "the head moves");

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Head.DisposeAsync();
        await Chip.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static JsonObject Line(string name, int offset, params (string Key, JsonNode Value)[] more)
    {
        var line = new JsonObject { ["name"] = name, ["offset"] = offset };
        foreach (var (key, value) in more)
            line[key] = value;
        return line;
    }
}
