namespace EdgeCam.Sims.Fleet.Model;

/// <summary>What differs between devices, drawn once.</summary>
/// <param name="Broker">Its address, as the configuration has it.</param>
/// <param name="Random">Of this device alone.</param>
/// <param name="Temperature">Its board's on an ordinary day, degrees Celsius.</param>
/// <param name="Signal">Of its Wi-Fi, dBm.</param>
/// <param name="Fate">How its updates end.</param>
internal sealed record AgentProfile(
    string Id, string Name, string Broker, string Prefix, int Cameras, TimeSpan Telemetry, string DeviceClass, Random Random, double Temperature, int Signal, UpdateFate Fate)
{
    public AgentTopics Topics => new(Prefix, Id);

    /// <param name="number">From 1 on.</param>
    public static AgentProfile Create(FleetOptions options, int number, Random random)
    {
        var (temperature, signal) = (42 + (random.NextDouble() * 20), -45 - random.Next(35));
        var fate = random.NextDouble() >= options.Failing ? UpdateFate.Good : (UpdateFate)(1 + random.Next(3));
        var id = options.IdOf(number);
        return new(id, $"Camera {number}", options.Broker, options.Prefix, options.Cameras, options.Telemetry, options.DeviceClass, random, temperature, signal, fate);
    }
}
