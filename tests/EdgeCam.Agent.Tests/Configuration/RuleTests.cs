using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Tests.Configuration;

public sealed class RuleTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("front-door-2", true)]
    [InlineData("-a", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("a_b", false)]
    [InlineData("a/b", false)]
    [InlineData("a`", false)]
    [InlineData("a{", false)]
    [InlineData("1234567890123", false)]
    [InlineData(null, true)]
    public void A_word_has_characters_of_its_kinds_only(string? text, bool isValid) => Assert.Equal(isValid, new WordAttribute("a-z0-9-", 12).IsValid(text));

    [Theory]
    [InlineData("-a", false)]
    [InlineData("_", false)]
    [InlineData("a_-", true)]
    public void Its_first_character_may_be_of_fewer(string text, bool isValid) => Assert.Equal(isValid, new WordAttribute("a-z_-", 3) { First = "a-z" }.IsValid(text));

    [Theory]
    [InlineData("abc", true)]
    [InlineData("abcd", false)]
    [InlineData("a/b", true)]
    [InlineData("a/b/c", false)]
    [InlineData("a//c", false)]
    [InlineData("/a", false)]
    [InlineData("a/bcde", false)]
    public void Levels_are_words(string text, bool isValid) => Assert.Equal(isValid, new WordAttribute("a-z", 3) { Levels = 2 }.IsValid(text));

    [Fact]
    public void Printable_characters_end_before_the_blank_and_after_the_tilde()
    {
        var rule = new WordAttribute("!-~", 10);
        Assert.True(rule.IsValid("!~-a"));
        Assert.False(rule.IsValid("a b") || rule.IsValid("a\u007f") || rule.IsValid("ä"));
    }

    [Fact]
    public void One_of_a_few_names_them()
    {
        var rule = new OneOfAttribute("a", "b", "c");
        Assert.True(rule.IsValid("b") && rule.IsValid(null));
        Assert.False(rule.IsValid("B") || rule.IsValid("") || rule.IsValid("a,b"));
        Assert.Equal("x must be a, b or c", rule.FormatErrorMessage("x"));
    }
}
