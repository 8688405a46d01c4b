namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Names a port. What is wrong with it is said by exceptions, as whatever else keeps a port from opening.</summary>
internal sealed class PortUri
{
    private const string Socket = "unix:";

    private readonly DeviceUri _uri;

    private PortUri(DeviceUri uri) => (_uri, IsSocket) = (uri, uri.Path.StartsWith(Socket, StringComparison.Ordinal));

    public string Scheme => _uri.Scheme;

    /// <summary>Of a device, or of a socket where <see cref="IsSocket"/>.</summary>
    public string Path => IsSocket ? _uri.Path[Socket.Length..] : _uri.Path;

    /// <summary>The thing is simulated, behind a unix socket.</summary>
    public bool IsSocket { get; }

    /// <exception cref="PortException">It is none.</exception>
    public static PortUri Parse(string text)
    {
        if (!DeviceUri.TryParse(text, out var uri, out var problem))
            throw Bad(text, problem);
        var port = new PortUri(uri);
        return port.Path.StartsWith('/') ? port : throw Bad(text, "its path does not begin with '/'");
    }

    /// <exception cref="PortException">There is another one.</exception>
    public void CheckKeys(params ReadOnlySpan<string> known)
    {
        foreach (var key in _uri.Settings)
        {
            if (!known.Contains(key))
                throw Bad(_uri.Text, $"'{key}' means nothing here; {(known.Length == 0 ? "nothing may follow the path" : "known are " + string.Join(", ", known!))}");
        }
    }

    /// <summary>Decimal, or hexadecimal with 0x.</summary>
    /// <exception cref="PortException">It is missing and there is no default, is no number or out of range.</exception>
    public int Number(string key, int minimum, int maximum, int? otherwise = null)
    {
        if (_uri.Value(key) is not { } text)
            return otherwise ?? throw Bad(_uri.Text, $"'{key}' is missing");
        return _uri.Number(key, minimum, maximum) ?? throw Bad(_uri.Text, $"'{key}={text}' is no number from {minimum} to {maximum}");
    }

    /// <exception cref="PortException">It is none of them.</exception>
    public string Choice(string key, params ReadOnlySpan<string> choices)
    {
        if (_uri.Value(key) is not { } text)
            return choices[0];
        return choices.Contains(text) ? text : throw Bad(_uri.Text, $"'{key}={text}' is none of {string.Join(", ", choices!)}");
    }

    public override string ToString() => _uri.Text;

    private static PortException Bad(string text, string problem) =>
        new(new($"'{text}' names no port: {problem}", "Write it as in deploy/edgecam.json."));
}
