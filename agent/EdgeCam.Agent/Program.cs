using EdgeCam.Agent;

return await CommandLine.RunAsync(args, static (options, control, _, logs) => new MediaPlane(options, control, logs), Console.Out, Console.Error);
