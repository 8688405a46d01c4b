namespace EdgeCam.Agent.Http;

/// <summary>
/// Sessions that are not connected yet, by client: whoever offers and never connects takes a few of the places, not all of them for as long
/// as the device waits for him.
/// </summary>
internal sealed class PendingOffers(int perClient)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _clients = new(StringComparer.Ordinal);

    /// <returns>To be disposed once the session is connected or over, as often as one likes; null where the client has too many.</returns>
    public IDisposable? TryAdd(string client)
    {
        lock (_lock)
        {
            var count = _clients.GetValueOrDefault(client);
            if (count >= perClient)
                return null;
            _clients[client] = count + 1;
            return new Pending(this, client);
        }
    }

    private void Remove(string client)
    {
        lock (_lock)
        {
            if (--_clients[client] == 0)
                _clients.Remove(client);
        }
    }

    private sealed class Pending(PendingOffers offers, string client) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                offers.Remove(client);
        }
    }
}
