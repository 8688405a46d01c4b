using System.Buffers.Binary;
using System.Text;

namespace EdgeCam.Sims.Gpio;

/// <summary>How a consumer wants a line.</summary>
/// <param name="Initial">The logical value that an output begins with.</param>
/// <param name="Debounce">Microseconds that an input must hold before it counts.</param>
internal sealed record GpioRequest(
    byte Offset, bool IsOutput, GpioBias Bias = GpioBias.None, bool ActiveLow = false, bool Initial = false, uint Debounce = 0, string Consumer = "")
{
    private const int FixedLength = 10;

    /// <param name="body">What follows the opcode.</param>
    public static GpioRequest? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < FixedLength || body.Length != FixedLength + body[9] || body[1] > 1 || body[2] > 2)
            return null;
        return new(
            body[0],
            body[1] == 1,
            (GpioBias)body[2],
            body[3] != 0,
            body[4] != 0,
            BinaryPrimitives.ReadUInt32LittleEndian(body[5..]),
            Encoding.UTF8.GetString(body[FixedLength..]));
    }
}
