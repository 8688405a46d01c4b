using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>What may be done to the device itself.</summary>
internal interface IDeviceOperations
{
    /// <summary>The agent ends in a moment, and is started again by the service manager.</summary>
    /// <param name="by">Who asked for it.</param>
    /// <returns>Why not; null: it is under way.</returns>
    ControlError? Restart(string by);

    /// <inheritdoc cref="Restart"/>
    ValueTask<ControlError?> RebootAsync(string by);

    /// <summary>Puts a file together that tells how the device does, without secrets.</summary>
    ValueTask<(DiagnoseFile? File, ControlError? Error)> DiagnoseAsync();

    /// <summary>One made before; null where it is not kept any more.</summary>
    DiagnoseFile? FindDiagnosis(string id);
}
