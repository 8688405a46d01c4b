using EdgeCam.Agent;

return await CommandLine.RunAsync(args, static (options, control, drops, logs) => new MediaPlane(options, control, drops, logs), Console.Out, Console.Error);
