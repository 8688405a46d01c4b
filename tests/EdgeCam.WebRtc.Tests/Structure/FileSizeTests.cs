namespace EdgeCam.WebRtc.Tests.Structure;

/// <summary>A file is one idea that fits in the head.</summary>
public sealed class FileSizeTests
{
    private const int MaxLines = 450;

    [Fact]
    public void No_file_of_the_product_is_longer_than_450_lines()
    {
        var tooLong = SourceTree.Files("agent", ".cs", ".ts").Concat(SourceTree.Files("hardware-sims", ".cs", ".ts"))
            .Select(path => (Path: path, Lines: SourceTree.Read(path).AsSpan().Count('\n')))
            .Where(file => file.Lines > MaxLines)
            .Select(file => $"{file.Path}: {file.Lines} lines");

        Assert.Empty(tooLong);
    }
}
