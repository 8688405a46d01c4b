using System.Text;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Ptz;

public sealed class PtzPresetsTests : IDisposable
{
    private static readonly AccessGrant s_all = AccessGrant.Open("Chief");
    private static readonly AccessGrant s_ptz = new("Ann", AccessScope.View | AccessScope.Ptz);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-ptz-").FullName;
    private readonly LogLines<PresetFile> _log = new();
    private PresetRecords _saved = PresetRecords.Empty;

    private string FilePath => PresetFile.PathFor(_folder, "cam0");

    [Fact]
    public void Presets_are_set_found_overwritten_and_removed()
    {
        var presets = New();
        var (token, _) = presets.Set("Gate", null, null, Picture(100), new(0.1, 0.2, 0.3), s_ptz);
        Assert.Equal("1", token);
        Assert.Equal("2", presets.Set("Door", null, null, null, new(0.5), s_ptz).Token);
        Assert.Equal("1", presets.Set("Gate, closer", "1", null, null, new(0.1, 0.2, 0.9), s_ptz).Token);
        Assert.Equal(("Gate, closer", 0.9, true), (presets.Find("1")!.Name, presets.Find("1")!.Position.Zoom, presets.Find("1")!.Thumbnail is not null));
        Assert.Null(presets.Remove("1", s_ptz));
        Assert.Equal(PtzRefusalKind.NotFound, presets.Remove("1", s_ptz)?.Kind);
        Assert.Equal(PtzRefusalKind.NotFound, presets.Set("Gate", "7", null, null, new(0.5), s_ptz).Refusal?.Kind);
        Assert.Equal("1", presets.Set("Yard", null, null, null, new(0.5), s_ptz).Token);
        Assert.Equal(2, _saved.Presets.Count);
    }

    [Fact]
    public void There_are_sixty_four_at_most()
    {
        var presets = New();
        for (var i = 0; i < PtzPresets.MaxPresets; i++)
            Assert.Null(presets.Set("P", null, null, null, new(0), s_ptz).Refusal);
        Assert.Equal(PtzRefusalKind.OutOfRange, presets.Set("P", null, null, null, new(0), s_ptz).Refusal?.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public void A_name_is_one_that_can_be_shown(string name) => Assert.NotNull(New().Set(name, null, null, null, new(0), s_ptz).Refusal);

    [Fact]
    public void A_picture_is_a_JPEG_of_twelve_kibibytes_at_most()
    {
        Assert.True(PtzPresets.IsJpeg(Picture(PtzPresets.MaxThumbnail)));
        Assert.False(PtzPresets.IsJpeg(Picture(PtzPresets.MaxThumbnail + 1)));
        Assert.False(PtzPresets.IsJpeg(Picture(100_000)));
        Assert.False(PtzPresets.IsJpeg(""));
        Assert.False(PtzPresets.IsJpeg("not base64!"));
        Assert.False(PtzPresets.IsJpeg(Convert.ToBase64String([0x89, 0x50, 0x4E, 0x47, 0xFF, 0xD9]))); // PNG
        Assert.False(PtzPresets.IsJpeg(Picture(100)[..^4])); // cut off
    }

    [Fact]
    public void A_preset_may_ask_for_a_scope()
    {
        var presets = New();
        Assert.Equal(AccessScope.Manage, presets.Set("Safe", null, AccessScope.Manage, null, new(0), s_ptz).Refusal?.Scope);
        var token = presets.Set("Safe", null, AccessScope.Manage, null, new(0), s_all).Token!;
        Assert.Equal(PtzRefusalKind.Forbidden, presets.Use(token, s_ptz).Refusal?.Kind);
        Assert.Equal(PtzRefusalKind.Forbidden, presets.Set("Mine", token, null, null, new(0), s_ptz).Refusal?.Kind);
        Assert.Equal(PtzRefusalKind.Forbidden, presets.Remove(token, s_ptz)?.Kind);
        Assert.NotNull(presets.Use(token, s_all).Preset);
    }

    [Fact]
    public async Task What_is_saved_is_there_after_a_restart()
    {
        var file = new PresetFile(FilePath, _log);
        Assert.Same(PresetRecords.Empty, file.Load());
        var records = new PresetRecords(new(0.5, -0.25), [new("1", "Gate", new(0.1, 0.2, 0.3), AccessScope.Manage, Picture(50)), new("2", "Tor \"Süd\"", new(Zoom: 1))]);
        file.Offer(PresetRecords.Empty);
        file.Offer(records);
        await file.RunAsync(new CancellationToken(canceled: true)); // what is offered last is written even then
        var loaded = new PresetFile(FilePath, _log).Load();
        Assert.Equal(records.Home, loaded.Home);
        Assert.Equal(records.Presets, loaded.Presets);
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_write_that_was_cut_off_costs_nothing()
    {
        var file = new PresetFile(FilePath, _log);
        file.Offer(new(new(0.5), []));
        await file.RunAsync(new CancellationToken(canceled: true));
        await File.WriteAllTextAsync(FilePath + ".new", "{ \"vers");
        Assert.Equal(0.5, new PresetFile(FilePath, _log).Load().Home?.Pan);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"version\": 1, \"presets\": [")]
    [InlineData("[]")]
    [InlineData("{ \"version\": 2 }")]
    [InlineData("{ \"version\": 1, \"home\": { \"pan\": 2 } }")]
    [InlineData("{ \"version\": 1, \"home\": { \"pan\": 1e999 } }")]
    [InlineData("{ \"version\": 1, \"presets\": [ null ] }")]
    [InlineData("{ \"version\": 1, \"presets\": [ { \"token\": \"1\", \"name\": \"A\", \"position\": { \"pan\": 0 }, \"scope\": \"root\" } ] }")]
    [InlineData("{ \"version\": 1, \"presets\": [ { \"token\": \"1\", \"name\": \"A\", \"position\": { \"pan\": 0 }, \"thumbnail\": \"AAAA\" } ] }")]
    public void A_broken_file_is_set_aside_and_reported(string text)
    {
        File.WriteAllText(FilePath, text);
        var records = new PresetFile(FilePath, _log).Load();
        Assert.Empty(records.Presets);
        Assert.False(File.Exists(FilePath));
        Assert.Equal(text, File.ReadAllText(FilePath + ".broken"));
        Assert.Contains(_log.Lines, line => line.Contains(".broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_could_not_be_read_is_kept_whatever_is_saved_later()
    {
        await File.WriteAllBytesAsync(FilePath, PresetFile.Bytes(new(new(0.5), [])));
        var file = new PresetFile(FilePath, _log);
        await using (new FileStream(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Null(file.Load().Home);
        file.Offer(new(new(0.25), []));
        await file.RunAsync(new CancellationToken(canceled: true));

        Assert.Equal(0.25, PresetFile.Read(await File.ReadAllBytesAsync(FilePath))?.Home?.Pan);
        Assert.Equal(0.5, PresetFile.Read(await File.ReadAllBytesAsync(FilePath + ".unread"))?.Home?.Pan);
        Assert.Contains(_log.Lines, line => line.Contains(".unread", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_saved_where_a_file_could_neither_be_read_nor_set_aside()
    {
        Directory.CreateDirectory(FilePath);
        var file = new PresetFile(FilePath, _log);
        Assert.Same(PresetRecords.Empty, file.Load());
        file.Offer(new(new(0.25), []));
        await file.RunAsync(new CancellationToken(canceled: true));

        Assert.True(Directory.Exists(FilePath));
        Assert.Contains(_log.Lines, line => line.Contains("not saved", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_bytes_are_a_file_or_none()
    {
        var random = new Random(6);
        var whole = PresetFile.Bytes(new(new(0.5), [new("1", "Gate", new(0.1))]));
        Assert.NotNull(PresetFile.Read(whole));
        for (var i = 0; i < 5000; i++)
        {
            var bytes = whole[..random.Next(whole.Length)];
            for (var j = random.Next(4); j > 0 && bytes.Length > 0; j--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = PresetFile.Read(bytes);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_reported()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        var file = new PresetFile(Path.Combine(_folder, "file", "ptz-cam0.json"), _log);
        file.Offer(PresetRecords.Empty);
        await file.RunAsync(new CancellationToken(canceled: true));
        Assert.Contains(_log.Lines, line => line.Contains("device.stateFolder", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static string Picture(int length)
    {
        var bytes = new byte[length];
        (bytes[0], bytes[1], bytes[2], bytes[^2], bytes[^1]) = (0xFF, 0xD8, 0xFF, 0xFF, 0xD9);
        return Convert.ToBase64String(bytes);
    }

    private PtzPresets New() => new(PresetRecords.Empty, records => _saved = records);
}
