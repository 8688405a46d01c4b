namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What a program came to.</summary>
/// <param name="ExitCode">0 to 255; 255 also where ssh itself failed.</param>
internal sealed record GuestResult(int ExitCode, string Output, string Error)
{
    /// <exception cref="Xunit.Sdk.XunitException">It failed; the message holds all it said.</exception>
    public string Succeeded(string what)
    {
        Assert.True(ExitCode == 0, $"{what}: status {ExitCode}\n{Output}{Error}");
        return Output;
    }
}
