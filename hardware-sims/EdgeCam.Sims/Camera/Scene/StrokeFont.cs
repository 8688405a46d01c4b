using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// A font of our own, drawn with a round pen: each glyph is a few polylines on a grid eight wide and twelve high, so that it is sharp at
/// every picture size and needs no font file.
/// </summary>
internal sealed class StrokeFont
{
    private const float Pen = 0.85f; // the pen's radius in grid units
    private const float Shadow = 2.3f;

    /// <summary>Strokes are separated by blanks; each point is two hexadecimal digits, x and y; y grows downwards, c is the base line.</summary>
    private static readonly Dictionary<char, string> Glyphs = new()
    {
        ['0'] = "2060828a6c2c0a0220", ['1'] = "23505c", ['2'] = "02206082840c8c", ['3'] = "022060828466888a6c2c0a 3666",
        ['4'] = "6c600989", ['5'] = "80100656888a6c2c0a", ['6'] = "6030030a2c6c8a88662608", ['7'] = "00803c",
        ['8'] = "206082846626040220 26080a2c6c8a8866", ['9'] = "2c5c898260200204266684", ['A'] = "0c408c 2868",
        ['B'] = "000c6c8a886606 0060828466", ['C'] = "826020020a2c6c8a", ['D'] = "000c5c8a825000", ['E'] = "80000c8c 0666",
        ['F'] = "80000c 0666", ['G'] = "826020020a2c6c8a8757", ['H'] = "000c 808c 0686", ['I'] = "000c", ['J'] = "808a6c2c0a",
        ['K'] = "000c 8008 358c", ['L'] = "000c8c", ['M'] = "0c0047808c", ['N'] = "0c008c80", ['O'] = "2060828a6c2c0a0220",
        ['P'] = "0c006082846606", ['Q'] = "2060828a6c2c0a0220 588c", ['R'] = "0c006082846606 468c", ['S'] = "82602002042666888a6c2c0a",
        ['T'] = "0080 404c", ['U'] = "000a2c6c8a80", ['V'] = "004c80", ['W'] = "002c456c80", ['X'] = "008c 800c", ['Y'] = "004680 464c",
        ['Z'] = "00800c8c", ['a'] = "052444666c 6727090a2c4c6a", ['b'] = "000c 062444666a4c2c0a", ['c'] = "664424060a2c4c6a",
        ['d'] = "606c 664424060a2c4c6a", ['e'] = "0868664424060a2c4c6a", ['f'] = "5030121c 0444", ['g'] = "646d4f1f 664424060a2c4c6a",
        ['h'] = "000c 062444666c", ['i'] = "040c 0000", ['j'] = "242d0f 2020", ['k'] = "000c 5408 275c", ['l'] = "000c",
        ['m'] = "040c 062434464c 466474868c", ['n'] = "040c 062444666c", ['o'] = "2444666a4c2c0a0624", ['p'] = "040f 062444666a4c2c0a",
        ['q'] = "646f 664424060a2c4c6a", ['r'] = "040c 072454", ['s'] = "6544240628486a4c2c0b", ['t'] = "101a3c4c 0444",
        ['u'] = "040a2c4c6a 646c", ['v'] = "043c64", ['w'] = "042c466c84", ['x'] = "046c 640c", ['y'] = "043c 641f", ['z'] = "04640c6c",
        [':'] = "0505 0b0b", ['.'] = "0c0c", [','] = "0c0e", ['-'] = "0747", ['/'] = "0c60", ['+'] = "0868 353b", ['_'] = "0c8c",
        ['%'] = "0c80 1111 7b7b", ['('] = "20020a2c", [')'] = "00222a0c", ['#'] = "202c 606c 0484 0888",
    };

    private readonly float _unit;
    private readonly Dictionary<char, (Layer Image, float Advance)> _images = [];

    /// <param name="height">Pixels from the base line to the top of a capital letter.</param>
    public StrokeFont(float height) => _unit = height / 12;

    public int LineHeight => (int)(_unit * 20);

    public float Measure(string text)
    {
        var width = 0f;
        foreach (var character in text)
            width += Glyph(character).Advance;
        return width;
    }

    /// <param name="y">Where a capital letter has its top.</param>
    public void Draw(Picture picture, ReadOnlySpan<char> text, float x, float y)
    {
        var margin = (int)MathF.Ceiling(Shadow * _unit);
        foreach (var character in text)
        {
            var (image, advance) = Glyph(character);
            picture.Over(image, (int)x - margin, (int)y - margin);
            x += advance;
        }
    }

    private (Layer Image, float Advance) Glyph(char character)
    {
        if (!_images.TryGetValue(character, out var glyph))
            _images[character] = glyph = Rasterise(character);
        return glyph;
    }

    private (Layer Image, float Advance) Rasterise(char character)
    {
        var lines = Lines(character);
        var wide = character is ' ' ? 4 : 0f;
        foreach (var (a, b) in lines)
            wide = Math.Max(wide, Math.Max(a.X, b.X));
        if (char.IsAsciiDigit(character))
            wide = 8; // digits keep their places while time runs
        var margin = MathF.Ceiling(Shadow * _unit);
        int width = (int)((wide * _unit) + (2 * margin) + 2), height = (int)((15 * _unit) + (2 * margin) + 2);
        height += height & 1;
        var image = Layer.Paint(width, height, 2, p =>
        {
            var at = ((p * height) - new Vector2(margin)) / _unit;
            var distance = float.MaxValue;
            foreach (var (a, b) in lines)
                distance = Math.Min(distance, Shape.Distance(at, a, b));
            var ink = Math.Clamp(((Pen - distance) * _unit) + 0.5f, 0, 1);
            var shade = 0.50f * Shape.Step(Shadow, Pen * 0.8f, distance);
            var alpha = ink + (shade * (1 - ink));
            return new(new Vector3(ink / Math.Max(alpha, 1e-5f)), alpha); // white ink on a soft dark edge: legible on sky and on forest
        });
        return (image, (wide + 3.4f) * _unit);
    }

    private static List<(Vector2 From, Vector2 To)> Lines(char character)
    {
        var lines = new List<(Vector2, Vector2)>();
        foreach (var stroke in Glyphs.GetValueOrDefault(character, "").Split(' '))
        {
            for (var i = 0; i + 3 < stroke.Length; i += 2)
                lines.Add((Point(stroke, i), Point(stroke, i + 2)));
        }

        return lines;
    }

    private static Vector2 Point(string stroke, int at) => new(Convert.ToInt32(stroke[at..(at + 1)], 16), Convert.ToInt32(stroke[(at + 1)..(at + 2)], 16));
}
