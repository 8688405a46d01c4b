namespace EdgeCam.Agent.Control;

/// <summary>The controls of cameras' pictures.</summary>
internal interface ICameraControls
{
    /// <param name="camera">Null: the first.</param>
    ValueTask<(ControlError? Error, string Camera, IReadOnlyList<CameraControl> Controls)> ListAsync(string? camera);

    /// <returns>An error, or the control as it is then.</returns>
    ValueTask<(ControlError? Error, CameraControl? Control)> SetAsync(string? camera, string name, long value);
}
