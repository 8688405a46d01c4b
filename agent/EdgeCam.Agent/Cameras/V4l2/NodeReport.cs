namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What a device node is, for people and programs.</summary>
/// <param name="Kind"><c>camera</c>, <c>encoder</c>, or <c>other</c>: a decoder, an output, a node for metadata, a loopback that nobody writes to.</param>
/// <param name="Card">The driver's name for it.</param>
/// <param name="Problem">Why no more can be told; null where all is told.</param>
/// <param name="Formats">What it gives, or what an encoder gives.</param>
/// <param name="Takes">Of an encoder: the raw formats it takes.</param>
/// <param name="Controls">Of a camera: the controls of its picture, as they are to be written in the configuration, at their present values.</param>
/// <param name="Choice">Of a camera: what would be chosen, and why; of an encoder whether it can be used.</param>
internal sealed record NodeReport(
    string Path, string Kind, string Card, string Driver, string? Problem, IReadOnlyList<NodeFormat> Formats, IReadOnlyList<string> Takes, IReadOnlyList<string> Controls, string Choice);
