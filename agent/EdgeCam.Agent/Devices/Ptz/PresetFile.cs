using System.Text.Json;
using System.Threading.Channels;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// Keeps a head's presets in a file that is whole at any moment, whatever happens while it is written. One that could not be read is never
/// overwritten.
/// </summary>
internal sealed class PresetFile(string path, ILogger log)
{
    private const int MaxSize = 4 * 1024 * 1024; // 64 presets with pictures have a quarter of it
    private const string Broken = ".broken";
    private const string Unread = ".unread";
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1); // a card wears out by writing, whoever floods the method

    // Bound: 1; policy: the newest replaces the one that waits, for each is the whole.
    private readonly Channel<PresetRecords> _waiting = Channel.CreateBounded<PresetRecords>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private bool _isUnread; // there is a file, but what it holds is not known

    public static string PathFor(string folder, string camera) => Path.Combine(folder, $"ptz-{camera}.json");

    /// <summary>What it holds. A file that cannot be understood is set aside and reported: the head has no presets then.</summary>
    public PresetRecords Load()
    {
        try
        {
            using (var file = File.OpenRead(path))
            {
                if (file.Length <= MaxSize)
                {
                    var bytes = new byte[file.Length];
                    file.ReadExactly(bytes);
                    if (Read(bytes) is { } records)
                        return records;
                }
            }

            File.Move(path, path + Broken, overwrite: true);
            log.PresetsBroken(path, path + Broken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return PresetRecords.Empty;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _isUnread = true;
            log.PresetsUnreadable(path, failure.Message);
        }

        return PresetRecords.Empty;
    }

    /// <summary>Never waits.</summary>
    public void Offer(PresetRecords records) => _waiting.Writer.TryWrite(records);

    /// <summary>Writes what is offered, the last of it even when it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var records in _waiting.Reader.ReadAllAsync(stop))
            {
                Write(records);
                await Task.Delay(s_rest, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        if (_waiting.Reader.TryRead(out var last))
            Write(last);
    }

    /// <summary>Null where the bytes are not a file of ours, whole and within its bounds.</summary>
    public static PresetRecords? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (JsonSerializer.Deserialize(bytes, PresetJson.Default.PresetDocument) is not { Version: PresetDocument.PresentVersion } document)
                return null;
            if (document.Home is not null && !IsPlace(document.Home))
                return null;
            var presets = new List<PtzPreset>();
            foreach (var entry in document.Presets ?? [])
            {
                if (!TryRead(entry, out var preset) || presets.Exists(known => known.Token == preset.Token))
                    return null;
                presets.Add(preset);
            }

            return presets.Count <= PtzPresets.MaxPresets ? new(document.Home is { } home ? Vector(home) : null, presets) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] Bytes(PresetRecords records)
    {
        var presets = records.Presets.Select(preset => new PresetDocument.Entry(
            preset.Token, preset.Name, Place(preset.Position), preset.Scope == AccessScope.None ? null : AccessScopes.Word(preset.Scope), preset.Thumbnail));
        var document = new PresetDocument(PresetDocument.PresentVersion, records.Home is { } home ? Place(home) : null, [.. presets]);
        return JsonSerializer.SerializeToUtf8Bytes(document, PresetJson.Default.PresetDocument);
    }

    private void Write(PresetRecords records)
    {
        try
        {
            if (_isUnread)
            {
                File.Move(path, path + Unread, overwrite: false);
                log.PresetsSetAside(path, path + Unread);
                _isUnread = false;
            }

            StateFile.CreateFolder(Path.GetDirectoryName(path)!);
            StateFile.Write(path, Bytes(records));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.PresetsNotSaved(path, failure.Message);
        }
    }

    private static bool TryRead(PresetDocument.Entry? entry, out PtzPreset preset)
    {
        preset = null!;
        var scope = AccessScope.None;
        if (entry is not { Token.Length: >= 1 and <= 16, Name.Length: >= 1 and <= PtzPresets.MaxName, Position: not null } || !IsPlace(entry.Position))
            return false;
        if (entry.Scope is not null && !AccessScopes.TryParseWord(entry.Scope, out scope))
            return false;
        if (entry.Thumbnail is not null && !PtzPresets.IsJpeg(entry.Thumbnail))
            return false;
        preset = new(entry.Token, entry.Name, Vector(entry.Position), scope, entry.Thumbnail);
        return true;
    }

    private static bool IsPlace(PresetDocument.Place place) =>
        place is not { Pan: null, Tilt: null, Zoom: null } && place.Pan is not (< -1 or > 1) && place.Tilt is not (< -1 or > 1) && place.Zoom is not (< 0 or > 1);

    private static PtzVector Vector(PresetDocument.Place place) => new(place.Pan, place.Tilt, place.Zoom);

    private static PresetDocument.Place Place(PtzVector position) => new(position.Pan, position.Tilt, position.Zoom);
}
