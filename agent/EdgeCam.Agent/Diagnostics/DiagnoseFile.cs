namespace EdgeCam.Agent.Diagnostics;

/// <summary>What <c>device.diagnose</c> has put together, to be fetched piece by piece.</summary>
/// <param name="Id">Cannot be guessed.</param>
/// <param name="Name">To keep it under.</param>
/// <param name="Sha256">Of the content, hexadecimal.</param>
internal sealed record DiagnoseFile(string Id, string Name, ReadOnlyMemory<byte> Content, string Sha256);
