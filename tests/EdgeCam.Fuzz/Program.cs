using System.Globalization;
using EdgeCam.Fuzz;

const string Usage = "edgecam-fuzz TARGET [--seconds N] [--seed S] | edgecam-fuzz TARGET --input HEX | edgecam-fuzz all [--seconds N of each] [--seed S]";

if (args.Length % 2 == 0)
    return Fail(Usage);

var (seconds, seed) = (10.0, 1);
byte[]? input = null;
for (var i = 1; i < args.Length; i += 2)
{
    var value = args[i + 1];
    var understood = args[i] switch
    {
        "--seconds" => double.TryParse(value, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and < 1e6,
        "--seed" => int.TryParse(value, CultureInfo.InvariantCulture, out seed),
        "--input" => TryReadHex(value, out input),
        _ => false,
    };
    if (!understood)
        return Fail($"{args[i]} {value} is not understood. {Usage}");
}

string[] names = args[0] == "all" ? Targets.Names : [args[0]];
var failed = false;
foreach (var name in names)
{
    if (Targets.Create(name) is not { } target)
        return Fail($"There is no target {name}; there are: {string.Join(' ', Targets.Names)}.");
    var run = new FuzzRun(target, seed, Console.Out);
    failed |= input is null ? !run.Run(TimeSpan.FromSeconds(seconds)) : !run.TryFeed(input);
}

return failed ? 1 : 0;

static bool TryReadHex(string text, out byte[]? bytes)
{
    bytes = new byte[text.Length / 2];
    return Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
