namespace EdgeCam.Agent.Cameras;

/// <summary>
/// A thread of its own for each camera: it waits in poll or for a deadline most of the time, and its pictures must not queue behind other
/// work. A child with a parent-death signal must also be started by a thread that lives as long as the child (prctl(2)).
/// </summary>
internal static class CameraThread
{
    public static Task Run(string camera, Action loop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                loop();
                ended.SetResult();
            }
#pragma warning disable CA1031 // handed to whoever awaits the camera: a bug of ours must not end the process from a thread
            catch (Exception bug)
#pragma warning restore CA1031
            {
                ended.SetException(bug);
            }
        })
        {
            Name = $"camera {camera}",
            IsBackground = true,
        };
        thread.Start();
        return ended.Task;
    }
}
