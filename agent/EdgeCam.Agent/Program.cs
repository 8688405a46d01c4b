using EdgeCam.Agent;

return await CommandLine.RunAsync(args, static (options, control, drops, board, logs) => new MediaPlane(options, control, drops, board, logs), Console.Out, Console.Error);
