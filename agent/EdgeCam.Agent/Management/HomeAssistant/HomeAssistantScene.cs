namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>What there is to be shown and switched.</summary>
/// <param name="Board">Its newest sample: what the board does not tell gets no sensor.</param>
internal sealed record HomeAssistantScene(IReadOnlyList<string> Cameras, IReadOnlyList<HomeAssistantHead> Heads, IReadOnlyList<HomeAssistantLine> Lines, BoardSample Board);

/// <param name="Presets">Token and name of each.</param>
internal sealed record HomeAssistantHead(string Camera, IReadOnlyList<(string Token, string Name)> Presets);

/// <param name="IsWritable">For a caller with the scope <c>gpio</c>.</param>
/// <param name="Value">Null while it is not known.</param>
internal sealed record HomeAssistantLine(string Name, string Label, bool IsWritable, bool? Value);
