using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent.Tests.Signaling;

public sealed class SequenceWindowTests
{
    [Fact]
    public void Each_number_is_accepted_once_in_whatever_order()
    {
        var window = new SequenceWindow();
        foreach (var sequence in new long[] { 5, 3, 9, 4, 70, 60 })
            Assert.True(window.TryAccept(sequence), $"{sequence} is new");
        foreach (var sequence in new long[] { 5, 3, 9, 4, 70, 60 })
            Assert.False(window.TryAccept(sequence), $"{sequence} came before");
    }

    [Fact]
    public void What_is_too_old_to_tell_counts_as_seen()
    {
        var window = new SequenceWindow();
        Assert.True(window.TryAccept(1000));
        Assert.True(window.TryAccept(937));
        Assert.False(window.TryAccept(936));
        Assert.True(window.TryAccept(long.MaxValue));
        Assert.False(window.TryAccept(1000));
    }
}
