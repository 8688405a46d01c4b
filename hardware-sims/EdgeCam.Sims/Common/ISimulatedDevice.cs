using System.Text.Json;

namespace EdgeCam.Sims.Common;

/// <summary>A device model without clock, thread or socket: one loop owns it, brings it time, and lets it answer for itself.</summary>
internal interface ISimulatedDevice
{
    EventLog Log { get; }

    /// <summary>Lets time pass up to now (nanoseconds).</summary>
    /// <returns>When it wants to be called again at the latest; <see cref="long.MaxValue"/> while nothing moves.</returns>
    long Advance(long now);

    /// <summary>Everything there is to know, as the members of one JSON object.</summary>
    void WriteState(Utf8JsonWriter json);

    /// <summary>A command of its own from the control socket.</summary>
    /// <returns>Null where it was carried out, otherwise what is wrong with it.</returns>
    string? Command(ReadOnlySpan<string> words, long now);
}
