using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Chromium at the viewer's site, led step by step.</summary>
internal sealed class LabViewer : IAsyncDisposable
{
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private readonly ChildProcess _process;

    private LabViewer(NetworkLab lab) =>
        _process = lab.Viewer.Host.Start("node", [Path.Combine(Workplace.Peers, "lab-viewer.mjs"), "--home", lab.Authority.CreateHome(Path.Combine(lab.Folder, "home"))], (line, isOutput) =>
        {
            if (isOutput && line.StartsWith('{'))
                _answers.Writer.TryWrite(line);
        });

    public static async Task<LabViewer> StartAsync(NetworkLab lab)
    {
        var viewer = lab.Keep(new LabViewer(lab));
        await viewer.ReadAsync(TimeSpan.FromSeconds(60));
        return viewer;
    }

    /// <summary>Opens the page by a link that the device made; a person would look at it for so long.</summary>
    public async Task<ViewerOpening> OpenAsync(AgentProcess agent, TimeSpan? limit = null)
    {
        var link = await agent.LinkAsync(page: PageServer.Url);
        var seconds = (limit ?? TimeSpan.FromSeconds(20)).TotalSeconds;
        return new(await AskAsync(new() { ["do"] = "open", ["url"] = link, ["limit"] = seconds }, seconds + 40));
    }

    public Task RecordAsync() => AskAsync(new() { ["do"] = "record" });

    /// <summary>All that was recorded since <see cref="RecordAsync"/>.</summary>
    public async Task<ViewerRecord> ReadRecordAsync() => new(await AskAsync(new() { ["do"] = "read" }));

    public Task CloseAsync() => AskAsync(new() { ["do"] = "close" });

    public async ValueTask DisposeAsync()
    {
        _process.Input.Close();
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(5));
        await _process.DisposeAsync();
    }

    private async Task<JsonNode> AskAsync(JsonObject command, double seconds = 40)
    {
        await _process.Input.WriteLineAsync(command.ToJsonString());
        await _process.Input.FlushAsync();
        return await ReadAsync(TimeSpan.FromSeconds(seconds));
    }

    private async Task<JsonNode> ReadAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            var answer = JsonNode.Parse(await _answers.Reader.ReadAsync(timeout.Token))!;
            Assert.True(answer["ok"]!.GetValue<bool>(), $"{answer["error"]}\n{_process.Log}");
            return answer;
        }
        catch (OperationCanceledException)
        {
            throw new Xunit.Sdk.XunitException($"Chromium's driver was silent for {limit.TotalSeconds} s.\n{_process.Log}");
        }
    }
}
