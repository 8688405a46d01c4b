using System.Buffers.Binary;

namespace EdgeCam.Sims.Camera;

/// <summary>
/// The frame number and the capture time as a row of black and white cells along the picture's lower edge, large enough to survive
/// encoding: whoever sees the picture can tell which frame it is, when it was taken and which camera took it.
/// </summary>
/// <remarks>
/// <para>The row has 128 cells. Cell i spans the columns from i*W/128 to (i+1)*W/128 (rounded down) of the W pixels; the row is
/// max(2, W/128) pixels high and ends at the last line. White is 1 (luma 235), black is 0 (luma 16). A field's first cell is its highest bit:</para>
/// <code>
/// cells    field
///   0-7    start mark 10110010
///   8-23   camera: CRC-16 of its name in UTF-8
///  24-55   frame number from 0, modulo 2^32
///  56-103  capture time: milliseconds since 1970-01-01T00:00:00Z
/// 104-119  CRC-16 of cells 8-103, read as 12 bytes
/// 120-127  end mark 01001101
/// </code>
/// <para>CRC-16 is the CCITT one: polynomial 0x1021, initial value 0xFFFF, not reflected. A reader samples the middle of each cell and
/// puts its threshold midway between the mean of the white and of the black cells of the marks.</para>
/// </remarks>
internal readonly record struct FrameCode(ushort Camera, uint Frame, long CaptureTimeMs)
{
    public const int Cells = 128;
    public const byte StartMark = 0b1011_0010;
    public const byte EndMark = 0b0100_1101;
    public const byte White = 235;
    public const byte Black = 16;

    private const int PayloadBytes = 12;
    private const int MinimumContrast = 48; // between the marks' white and black; less is not a code

    public static ushort CameraOf(string name) => Crc16(System.Text.Encoding.UTF8.GetBytes(name));

    public void Draw(Picture picture)
    {
        Span<byte> bytes = stackalloc byte[Cells / 8];
        Write(bytes);
        var top = picture.Height - RowHeight(picture.Width);
        for (var cell = 0; cell < Cells; cell++)
        {
            var (left, right) = (cell * picture.Width / Cells, (cell + 1) * picture.Width / Cells);
            picture.FillCell(left, right - left, top, (bytes[cell / 8] >> (7 - (cell % 8)) & 1) != 0 ? White : Black);
        }
    }

    /// <summary>Reads the cells from a decoded picture's luma plane.</summary>
    public static bool TryRead(ReadOnlySpan<byte> luma, int width, int height, out FrameCode code)
    {
        code = default;
        if (width < Cells * 2 || luma.Length < width * height)
            return false;
        Span<int> levels = stackalloc int[Cells];
        for (var cell = 0; cell < Cells; cell++)
            levels[cell] = Level(luma, width, height, cell);

        int white = 0, black = 0;
        for (var i = 0; i < 8; i++)
        {
            (white, black) = (StartMark >> (7 - i) & 1) != 0 ? (white + levels[i], black) : (white, black + levels[i]);
            (white, black) = (EndMark >> (7 - i) & 1) != 0 ? (white + levels[Cells - 8 + i], black) : (white, black + levels[Cells - 8 + i]);
        }

        var threshold = (white + black) / 16; // eight white and eight black cells in both marks together
        Span<byte> bytes = stackalloc byte[Cells / 8];
        bytes.Clear();
        for (var cell = 0; cell < Cells; cell++)
            bytes[cell / 8] |= (byte)((levels[cell] > threshold ? 1 : 0) << (7 - (cell % 8)));
        if ((white - black) / 8 < MinimumContrast || bytes[0] != StartMark || bytes[^1] != EndMark)
            return false;
        var payload = bytes.Slice(1, PayloadBytes);
        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[(1 + PayloadBytes)..]) != Crc16(payload))
            return false;
        code = new(
            (ushort)((payload[0] << 8) | payload[1]),
            BinaryPrimitives.ReadUInt32BigEndian(payload[2..]),
            BinaryPrimitives.ReadInt64BigEndian(payload[4..]) & 0xFFFF_FFFF_FFFF);
        return true;
    }

    private static int RowHeight(int width) => Math.Max(2, width / Cells);

    private static int Level(ReadOnlySpan<byte> luma, int width, int height, int cell)
    {
        var size = width / Cells;
        var (left, top) = ((cell * width / Cells) + (size / 4), height - RowHeight(width) + (size / 4));
        int sum = 0, count = 0;
        for (var y = top; y < top + Math.Max(1, size / 2); y++)
        {
            for (var x = left; x < left + Math.Max(1, size / 2); x++, count++)
                sum += luma[(y * width) + x];
        }

        return sum / count;
    }

    private void Write(Span<byte> bytes)
    {
        bytes[0] = StartMark;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[1..], Camera);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[3..], Frame);
        for (var i = 0; i < 6; i++)
            bytes[7 + i] = (byte)(CaptureTimeMs >> (40 - (i * 8)));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[13..], Crc16(bytes.Slice(1, PayloadBytes)));
        bytes[15] = EndMark;
    }

    private static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFF;
        foreach (var value in bytes)
        {
            crc ^= (uint)value << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }

        return (ushort)crc;
    }
}
