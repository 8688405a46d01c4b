namespace EdgeCam.Agent.Control;

/// <summary>A control of a camera's picture, as its driver describes it.</summary>
/// <param name="Name">Such as <c>brightness</c>.</param>
/// <param name="Label">The driver's own words.</param>
/// <param name="Kind"><c>number</c>, <c>switch</c> (0 or 1), <c>menu</c> or <c>button</c>.</param>
/// <param name="Value">Now; null where it cannot be read.</param>
/// <param name="IsActive">It can be set now: none other decides instead of it.</param>
/// <param name="Menu">The entries that there are.</param>
internal sealed record CameraControl(
    string Name, string Label, string Kind, int Minimum, int Maximum, int Step, int Default, int? Value, bool IsActive, IReadOnlyList<(int Value, string Name)> Menu);
