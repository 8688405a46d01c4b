using EdgeCam.Agent;

return await CommandLine.RunAsync(args, NoMediaPlane.Create, Console.Out, Console.Error);
