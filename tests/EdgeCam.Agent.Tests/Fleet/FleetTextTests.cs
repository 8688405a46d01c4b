using System.Text.Json;
using EdgeCam.Agent.Fleet;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>Tables, progress, and what of devices' own words reaches a terminal.</summary>
public sealed class FleetTextTests
{
    [Fact]
    public async Task A_table_is_as_wide_as_its_cells_and_has_no_control_characters()
    {
        var table = new TextTable("DEVICE", "STATE");
        table.Add("porch", "online");
        table.Add("a-long-name", "\e]0;owned\a\nx");
        using var output = new StringWriter();
        await table.WriteAsync(output);
        Assert.Equal($"DEVICE       STATE\nporch        online\na-long-name  �]0;owned� x\n", output.ToString());
    }

    [Theory]
    [InlineData("plain", 10, "plain")]
    [InlineData("much too long", 5, "much…")]
    [InlineData("right‮left", 20, "right�left")]
    [InlineData(null, 5, "")]
    public void Text_of_others_is_cut_and_made_harmless(string? text, int max, string plain) => Assert.Equal(plain, PlainText.Of(text, max));

    [Fact]
    public void Where_there_is_no_terminal_progress_is_a_line_for_each_step()
    {
        using var errors = new StringWriter();
        var progress = new FleetProgress(errors, width: 0, new ManualTime());
        progress.Show("porch", "downloading", 0);
        for (var percent = 0; percent <= 100; percent += 5)
            progress.Show("porch", "downloading", percent);
        progress.Show("porch", "staged");
        progress.Done("porch", "done: 1.1.0 confirmed");
        Assert.Equal(["porch: downloading, 0 %", "porch: downloading, 25 %", "porch: downloading, 50 %", "porch: downloading, 75 %", "porch: downloading, 100 %", "porch: staged", "porch: done: 1.1.0 confirmed"],
            errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void On_a_terminal_bars_are_drawn_over_each_other_and_what_is_done_stays()
    {
        using var errors = new StringWriter();
        var time = new ManualTime();
        var progress = new FleetProgress(errors, width: 60, time);
        progress.Show("a", "downloading", 50);
        progress.Show("b", "asked");
        Assert.EndsWith("\e[1A\e[Ja [##########----------]  50 % downloading\nb asked\n", errors.ToString(), StringComparison.Ordinal);
        var drawn = errors.ToString().Length;
        progress.Show("a", "downloading", 51); // within a tenth of a second
        Assert.Equal(drawn, errors.ToString().Length);
        time.Advance(TimeSpan.FromMilliseconds(100));
        progress.Show("a", "downloading", 55);
        progress.Done("a", "done");
        Assert.EndsWith("\e[2A\e[Ja: done\nb asked\n", errors.ToString(), StringComparison.Ordinal);
        progress.Clear();
        Assert.EndsWith("\e[1A\e[J", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_the_log_is_one_of_the_screen_whatever_it_holds()
    {
        var line = LogsCommand.Line(JsonElement.Parse("""{"n":1,"at":0,"level":"warning","category":"EdgeCam.Agent","text":"first\nsecond\u001b[31m"}"""));
        Assert.EndsWith("warning     EdgeCam.Agent: first\n    second�[31m", line, StringComparison.Ordinal);
    }
}
