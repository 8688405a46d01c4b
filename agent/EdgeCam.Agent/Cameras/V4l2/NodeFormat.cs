namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A format that a node has.</summary>
/// <param name="Name">Its four letters.</param>
/// <param name="IsUsed">The agent can do something with it.</param>
/// <param name="Sizes">Each with its rates: <c>1280x720 at 30, 15</c>.</param>
internal sealed record NodeFormat(string Name, string Description, bool IsUsed, IReadOnlyList<string> Sizes);
