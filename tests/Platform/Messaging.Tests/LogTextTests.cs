namespace Maestro.Bus.Messaging.Tests;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("Zürich 東京 🎉", "Zürich 東京 🎉")]
    [InlineData("a\nwarn: forged", "a warn: forged")]
    [InlineData("a\r\nb\tc", "a  b c")]
    [InlineData("\u001b[31mred\u0007", "\uFFFD[31mred\uFFFD")]
    [InlineData("a\u202Eb\u2066c\u200Bd\uFEFF", "a\uFFFDb\uFFFDc\uFFFDd\uFFFD")]
    [InlineData("a\u2028b\u2029c\u0085d", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("\0", "\uFFFD")]
    [InlineData(null, "")]
    public void What_forges_lines_or_hides_text_is_replaced(string? text, string expected) => Assert.Equal(expected, LogText.Clean(text));

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("a\uFFFDb", LogText.Clean("a" + (char)0xD83D + "b"));

    [Theory]
    [InlineData("abcdef", 3, "abc…")]
    [InlineData("abc", 3, "abc")]
    [InlineData("ab🎉", 3, "ab…")]
    public void A_long_text_is_cut_between_characters(string text, int limit, string expected) =>
        Assert.Equal(expected, LogText.Clean(text, limit));
}
