namespace EdgeCam.Agent.Security.Trust;

/// <summary>Whose tokens are taken, and the keys that sign them by now. Read from any thread.</summary>
internal sealed class TrustedIssuer
{
    private readonly WatchedFile? _file;
    private volatile IReadOnlyList<TrustedKey> _keys;

    /// <param name="scopes">The most that its tokens may allow.</param>
    public TrustedIssuer(string name, AccessScope scopes, params IReadOnlyList<TrustedKey> keys) => (Name, Scopes, _keys) = (name, scopes, keys);

    /// <summary>As the configuration has it, which was found good.</summary>
    public TrustedIssuer(IssuerOptions options)
    {
        (Name, Scopes) = (options.Name, options.MostScopes);
        _keys = [.. options.Keys.SelectMany(static text => IssuerKeys.Parse(text, out _))];
        if (options.KeysFile is not null)
            _file = new(options.KeysFile, IssuerKeys.MaxText);
    }

    public string Name { get; }

    public AccessScope Scopes { get; }

    public IReadOnlyList<TrustedKey> Keys => _keys;

    /// <summary>
    /// Reads the file where it has changed. One that cannot be used leaves the keys as they are, since it may be half written; one that is gone
    /// leaves none: to take it away is the plainest way to end trust. To be called by one thread.
    /// </summary>
    public void Look(ILogger log)
    {
        if (_file is null || !_file.HasChanged(out var text, out var problem))
            return;
        var keys = text is null ? [] : IssuerKeys.Parse(text, out problem);
        if (_file.IsGone)
            log.KeysGone(Name, _file.Path);
        else if (problem is not null)
            log.KeysNotRead(Name, _file.Path, problem);
        else
            log.KeysRead(Name, _file.Path, keys.Count);
        if (problem is null || _file.IsGone)
            _keys = keys;
    }
}
