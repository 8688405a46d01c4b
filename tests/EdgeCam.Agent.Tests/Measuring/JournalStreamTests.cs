using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Measuring;

public sealed class JournalStreamTests
{
    [Theory]
    [InlineData("8:12345", "socket:[12345]", true)]
    [InlineData("8:12345", "socket:[1234]", false)] // inherited, and the output led elsewhere since
    [InlineData("8:12345", "/dev/pts/0", false)]
    [InlineData("8:12345", null, false)]
    [InlineData("8:", "socket:[]", false)]
    [InlineData("12345", "socket:[12345]", false)]
    [InlineData(null, "socket:[12345]", false)]
    public void The_journal_is_known_by_its_inode(string? variable, string? output, bool isJournal) => Assert.Equal(isJournal, JournalStream.Means(variable, output));
}
