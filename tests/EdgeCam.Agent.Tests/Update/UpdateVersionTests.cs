using EdgeCam.Agent.Management.Update;

namespace EdgeCam.Agent.Tests.Update;

public sealed class UpdateVersionTests
{
    /// <summary>SemVer 2.0.0 §11, its own example among them.</summary>
    [Fact]
    public void Versions_are_ordered()
    {
        UpdateVersion[] versions =
        [
            .. new[] { "0.0.9", "0.0.10", "0.1.0", "1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0", "11.0.0" }
                .Select(static text => UpdateVersion.TryParse(text)!),
        ];

        for (var one = 0; one < versions.Length; one++)
        {
            for (var other = 0; other < versions.Length; other++)
            {
                Assert.Equal(one < other, versions[one].IsOlderThan(versions[other]));
                Assert.Equal(one == other, versions[one].IsSameAs(versions[other]));
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.tmp")]
    [InlineData("01.2.3")]
    [InlineData("1.2.-3")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-a/b")]
    [InlineData("1.2.3+build")]
    [InlineData("../1.2.3")]
    [InlineData("1.2.3\n")]
    [InlineData("1.2.9999999999")]
    [InlineData("current")]
    [InlineData("1.2.3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_is_no_version_is_none(string? text) => Assert.Null(UpdateVersion.TryParse(text));
}
