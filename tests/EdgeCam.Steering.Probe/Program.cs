using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Steering;
using EdgeCam.Agent.Cameras.Steering.Interop;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

// steering-probe HOLDER ARGUMENTS: starts a program that holds an encoder and says the value of its control each time it is sent a line; steers
// that control as the agent steers rpicam-vid's encoder, and prints what the program then reads, or why it was refused.
const uint groupOfPictures = 0x0099_09CB; // V4L2_CID_MPEG_VIDEO_GOP_SIZE, which the kernel's simulated encoder has in place of a bitrate
var wanted = new EncoderControl(7);
var state = new SteeringState();
using var link = new EncoderLink("probe", wanted, state, new ChildNodes(), NullLogger.Instance, new(groupOfPictures, 0, "GOP size"));
using var child = Process.Start(new ProcessStartInfo(args[0], args[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
Console.WriteLine($"before: {Read()}");
var now = new Instant(TimeSpan.FromHours(1).Ticks);
for (var i = 0; i < 10 && !state.IsHeld && link.Refusal is null; i++)
    link.Turn(child.Id, hasPictures: true, now += TimeSpan.FromSeconds(1));
if (link.Refusal is { } refusal)
{
    Console.WriteLine($"refused: {refusal}");
}
else
{
    Console.WriteLine($"set to 7: {Read()}");
    wanted.Bitrate = 12;
    link.Turn(child.Id, hasPictures: true, now);
    Console.WriteLine($"set to 12: {Read()}");
    wanted.Bitrate = 1000;
    link.Turn(child.Id, hasPictures: true, now);
    Console.WriteLine($"set to 1000: {Read()}");
}

child.StandardInput.Close();
child.WaitForExit();

string? Read()
{
    child.StandardInput.WriteLine();
    return child.StandardOutput.ReadLine();
}
