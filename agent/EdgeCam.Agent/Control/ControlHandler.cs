namespace EdgeCam.Agent.Control;

/// <summary>
/// Does what a method is for. It begins on the caller's thread, where it must not wait: whoever hands its work on finishes later. Methods of
/// one message begin in their order.
/// </summary>
/// <returns>An error, in which case what was written is left out; null where it went well.</returns>
internal delegate ValueTask<ControlError?> ControlHandler(ControlCall call);
