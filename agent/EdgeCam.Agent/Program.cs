using EdgeCam.Agent;
using EdgeCam.Agent.Security.Interop;

if (args is ["run" or "guard", ..])
    OwnMemory.Close(); // before there is anything in it
return await CommandLine.RunAsync(args, static (options, control, drops, board, logs) => new MediaPlane(options, control, drops, board, logs), Console.Out, Console.Error);
