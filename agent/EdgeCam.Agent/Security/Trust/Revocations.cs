using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>
/// Tokens, holders and keys that are taken no longer: those of the operator's file, and those of the method <c>access.revoke</c>, which lie in
/// the state folder. Read from any thread.
/// </summary>
/// <remarks>
/// What names a token or a holder is forgotten once no token from before the revocation can be valid any more. A key that signs tokens may make
/// new ones at any time, and is not forgotten.
/// </remarks>
internal sealed class Revocations
{
    public const string StateName = "revoked.json";

    /// <summary>Of the method: a further one is refused, since one that was forgotten early would let somebody in.</summary>
    public const int MaxEntries = 4096;

    /// <summary>Of a file, bytes.</summary>
    public const int MaxFile = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly WatchedFile? _file;
    private readonly string? _state;
    private volatile RevocationList _filed = RevocationList.Empty;
    private volatile RevocationList _told = RevocationList.Empty;

    /// <param name="file">The operator's; null: there is none.</param>
    /// <param name="stateFolder">Null: what the method revokes holds for this run.</param>
    public Revocations(TimeProvider time, string? file = null, string? stateFolder = null, ILogger? log = null)
    {
        (_time, _log) = (time, log ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        _file = file is null ? null : new(file, MaxFile);
        _state = stateFolder is null ? null : Path.Combine(stateFolder, StateName);
        if (_state is not null && File.Exists(_state))
            Load(_state);
        Look();
    }

    /// <summary>Those of the operator's file.</summary>
    public RevocationList Filed => _filed;

    /// <summary>Those of the method.</summary>
    public RevocationList Told => _told;

    /// <param name="holder">The thumbprint of the token's holder; null where it is bound to nobody.</param>
    public AccessRefusal Find(TokenOrigin token, string? holder)
    {
        var refusal = _filed.Find(token, holder);
        return refusal == AccessRefusal.None ? _told.Find(token, holder) : refusal;
    }

    /// <summary>Reads the operator's file where it has changed; one that cannot be used, or is gone, leaves what it said before. To be called by one thread.</summary>
    public void Look()
    {
        if (_file is null || !_file.HasChanged(out var text, out var problem))
            return;
        var list = text is null ? null : RevocationList.TryParse(text, out problem);
        if (list is null)
            _log.RevocationsNotRead(_file.Path, problem ?? "");
        else
            _log.RevocationsRead(_file.Path, list.Count);
        _filed = list ?? _filed;
    }

    /// <summary>Revokes at once, and returns when it is on the disk, which may take long.</summary>
    /// <param name="more">Names; until when they are remembered is seen to here.</param>
    /// <returns>What is in the way, as a sentence; null where nothing is.</returns>
    public string? Add(RevocationList more)
    {
        if (!DeviceClock.IsSet(_time))
            return AccessRefusal.ClockNotSet.InWords();
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var until = (now + TokenVerifier.MaxLifetime + TimeSpan.FromDays(1)).ToUnixTimeSeconds(); // a day for clocks that differ
            var all = _told.At(now.ToUnixTimeSeconds()).And(more with { Tokens = RevocationList.Names(more.Tokens.Keys, until), Holders = RevocationList.Names(more.Holders.Keys, until) });
            if (all.Count > MaxEntries)
                return $"{MaxEntries} revocations are the most that are kept here; revoke all tokens of an issuer before a time, or use security.revokedFile";
            _told = all;
            try
            {
                if (_state is not null)
                    StateFile.Write(_state, all.ToJson());
                return null;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _log.RevocationsNotKept(_state!, failure.Message);
                return "it holds until the next start only: the device's disk did not take it";
            }
        }
    }

    /// <summary>What is damaged is laid aside: a device that lets nobody in could not be put right from afar.</summary>
    private void Load(string path)
    {
        var list = WatchedFile.Read(path, MaxFile, out var problem) is { } text ? RevocationList.TryParse(text, out problem) : null;
        if (list is not null)
        {
            _told = list;
            return;
        }

        _log.RevocationsDamaged(path, problem ?? "");
        try
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The next revocation replaces it.
        }
    }
}
