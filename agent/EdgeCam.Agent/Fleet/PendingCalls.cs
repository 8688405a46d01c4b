using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// The requests that wait for an answer. One belongs to a request by its correlation data (MQTT 5 §4.10); without that, by its id. What comes too
/// late, twice, from another device or for another command under the same name, is passed over. Used from any thread.
/// </summary>
/// <remarks>A refusal does not know the request's id. By MQTT 3.1.1, which has no correlation data, it is taken for that of the device's only request.</remarks>
internal sealed class PendingCalls(bool isSigned)
{
    private const int IdLength = 12; // bytes: by chance no other's

    private readonly ConcurrentDictionary<string, (string Device, TaskCompletionSource<CallAnswer> Answer)> _waiting = new(StringComparer.Ordinal);

    /// <summary>Answers that were for no request of ours.</summary>
    public int Strays => Volatile.Read(ref _strays);

    private int _strays;

    /// <summary>Begins to wait. The id is the correlation data, too.</summary>
    public (string Id, Task<CallAnswer> Answer) Add(string device)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength));
        var answer = new TaskCompletionSource<CallAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = (device, answer);
        return (id, answer.Task);
    }

    /// <summary>Waits no longer.</summary>
    public void Remove(string id) => _waiting.TryRemove(id, out _);

    /// <param name="correlation">Empty: the broker or the device has none.</param>
    public void Receive(string device, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> correlation)
    {
        if (JsonReading.TryParse(payload) is not { } response || Find(device, response, correlation) is not { } id || !_waiting.TryRemove(id, out var waiting))
        {
            Interlocked.Increment(ref _strays);
            return;
        }

        waiting.Answer.TrySetResult(
            response.Member("error") is { } error ? CallAnswer.Failed(CallError.Of(error, isSigned))
            : response.TryGetProperty("result", out var result) ? new(result)
            : CallAnswer.Failed(new(0, "an answer with neither a result nor an error")));
    }

    private string? Find(string device, JsonElement response, ReadOnlyMemory<byte> correlation)
    {
        var id = correlation.IsEmpty ? response.Text("id") : System.Text.Encoding.ASCII.GetString(correlation.Span);
        if (id is not null)
            return _waiting.TryGetValue(id, out var known) && known.Device == device ? id : null;
        string[] its = [.. _waiting.Where(waiting => waiting.Value.Device == device).Select(static waiting => waiting.Key).Take(2)];
        return its.Length == 1 ? its[0] : null;
    }
}
