using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>
/// Recognizes proofs that came before, for as long as the clock would take them. Policy: a holder has a part of the places, and whoever
/// finds none is refused: forgetting one early would let it in a second time. Used from any thread.
/// </summary>
/// <remarks>
/// A wall clock that is put back makes old proofs good again. So of those whose time is over a fingerprint is kept, of the last 16384: they
/// are few in ordinary times, and reach back for days.
/// </remarks>
/// <param name="share">One holder has one of so many parts.</param>
internal sealed class ReplayWindow(TimeProvider time, int capacity = 10_000, int share = 10)
{
    /// <summary>Longer than a proof is taken: two minutes to either side of our clock.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private const int Past = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _holders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<(string Proof, string Holder, long At)> _order = new();
    private readonly HashSet<ulong> _past = [];
    private readonly Queue<ulong> _pastOrder = new();

    public int Count
    {
        get
        {
            lock (_lock)
                return _known.Count;
        }
    }

    /// <param name="holder">Whose places it takes: the thumbprint of the key.</param>
    /// <param name="proof">What must not come twice.</param>
    public AccessRefusal Take(string holder, string proof)
    {
        lock (_lock)
        {
            Forget();
            if (_known.Contains(proof) || (_past.Count > 0 && _past.Contains(Fingerprint(proof))))
                return AccessRefusal.Replayed;
            var held = _holders.GetValueOrDefault(holder);
            if (_known.Count >= capacity || held >= Math.Max(1, capacity / share))
                return AccessRefusal.TooMany;
            _known.Add(proof);
            _holders[holder] = held + 1;
            _order.Enqueue((proof, holder, time.GetTimestamp()));
            return AccessRefusal.None;
        }
    }

    private void Forget()
    {
        while (_order.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) >= Memory)
        {
            _order.Dequeue();
            _known.Remove(oldest.Proof);
            var fingerprint = Fingerprint(oldest.Proof);
            if (_past.Add(fingerprint))
                _pastOrder.Enqueue(fingerprint);
            if (_pastOrder.Count > Past)
                _past.Remove(_pastOrder.Dequeue());
            if (--_holders[oldest.Holder] == 0)
                _holders.Remove(oldest.Holder);
        }
    }

    /// <summary>64 of 256 bits: that two of so few proofs have the same does not happen.</summary>
    private static ulong Fingerprint(string proof) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(proof)));
}
