using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Rules.Inheritance.Quotas;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance.Quotas;

/// <summary>Kubernetes' quantities: read exactly, compared and added exactly, written as Kubernetes writes them.</summary>
public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0Gi", "0")]
    [InlineData("-0", "0")]
    [InlineData("1", "1")]
    [InlineData("+1", "1")]
    [InlineData(" 1 ", "1")]
    [InlineData("-3", "-3")]
    [InlineData("100", "100")]
    [InlineData("1000", "1k")]
    [InlineData("1100", "1100")]
    [InlineData("1500000", "1500k")]
    [InlineData("12345678", "12345678")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1.5", "1500m")]
    [InlineData("1500m", "1500m")]
    [InlineData("2000m", "2")]
    [InlineData("0.1", "100m")]
    [InlineData("0.0001", "100u")]
    [InlineData("1n", "1n")]
    [InlineData("1u", "1u")]
    [InlineData("0.1n", "1n")]
    [InlineData("1.1n", "2n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1k", "1k")]
    [InlineData("1M", "1M")]
    [InlineData("1G", "1G")]
    [InlineData("1T", "1T")]
    [InlineData("1P", "1P")]
    [InlineData("1E", "1E")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("1024Ki", "1Mi")]
    [InlineData("1Mi", "1Mi")]
    [InlineData("1Gi", "1Gi")]
    [InlineData("1Ti", "1Ti")]
    [InlineData("1Pi", "1Pi")]
    [InlineData("1Ei", "1Ei")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Mi", "512Ki")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E3", "1e3")]
    [InlineData("12e6", "12e6")]
    [InlineData("1e2", "100")]
    [InlineData("1e-3", "1e-3")]
    [InlineData("1.5e3", "1500")]
    [InlineData("1e+1", "10")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775807")]
    [InlineData("8Ei", "9223372036854775807")]
    [InlineData("-10E", "-9223372036854775807")]
    [InlineData("1e999999999999", "9223372036854775807")]
    [InlineData("0e999999999999", "0")]
    [InlineData("1e-999999999999", "1e-9")]
    public void Every_form_is_read_and_written_as_Kubernetes_writes_it(string text, string written)
    {
        Assert.True(Quantity.TryParse(text, out var quantity), text);
        Assert.Equal(written, quantity.ToString());
        Assert.True(Quantity.TryParse(written, out var again));
        Assert.Equal(quantity, again);
        Assert.Equal(written, again.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("+-1")]
    [InlineData("k")]
    [InlineData("1K")]
    [InlineData("1g")]
    [InlineData("1ki")]
    [InlineData("1i")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("1e1k")]
    [InlineData("1.2.3")]
    [InlineData("1 k")]
    [InlineData("1,5")]
    [InlineData("1GB")]
    [InlineData("1Gib")]
    [InlineData("0x10")]
    [InlineData("١")]
    [InlineData("many")]
    public void Anything_else_is_no_quantity(string text)
    {
        Assert.False(Quantity.TryParse(text, out var quantity), text);
        Assert.Equal("0", quantity.ToString());
        Assert.False(Quantity.TryParse(new string('1', 101), out _));
    }

    [Theory]
    [InlineData("1000m", "1")]
    [InlineData("1Ki", "1024")]
    [InlineData("1e3", "1k")]
    [InlineData("0.1", "100m")]
    public void Equal_numbers_are_equal_in_any_form(string one, string other)
    {
        Assert.True(Of(one) == Of(other) && Of(one).Equals((object)Of(other)) && Of(one).GetHashCode() == Of(other).GetHashCode());
        Assert.True(Of(one) <= Of(other) && Of(one) >= Of(other) && !(Of(one) < Of(other)) && !(Of(one) > Of(other)) && !(Of(one) != Of(other)));
    }

    [Theory]
    [InlineData("1", "1001m")]
    [InlineData("1G", "1Gi")]
    [InlineData("-1", "0")]
    [InlineData("999M", "1e9")]
    public void The_smaller_one_is_less(string less, string more)
    {
        Assert.True(Of(less) < Of(more) && Of(more) > Of(less) && Of(less) <= Of(more) && Of(less) != Of(more));
        Assert.Equal(less.StartsWith('-'), Of(less).IsNegative);
    }

    /// <summary>Doubles would not get there.</summary>
    [Fact]
    public void Tenths_add_up_exactly()
    {
        var sum = Enumerable.Repeat(Of("0.1"), 10).Aggregate((one, other) => one + other);
        Assert.Equal(Of("1"), sum);
        Assert.Equal("1", sum.ToString());
        Assert.Equal("200m", (Of("0.3") - Of("0.1")).ToString());
        // Below 1024 there is nothing binary about a number.
        Assert.Equal("1k", (Of("1Ki") - Of("24")).ToString());
    }

    [Theory]
    [InlineData("1Gi", "1G", "2073741824")]
    [InlineData("1Gi", "1024Mi", "2Gi")]
    [InlineData("0", "1Gi", "1Gi")]
    [InlineData("1500m", "500m", "2")]
    [InlineData("8E", "8E", "16E")]
    [InlineData("1e3", "1", "1001")]
    public void A_sum_is_written_like_its_first_part(string one, string other, string sum) => Assert.Equal(sum, (Of(one) + Of(other)).ToString());

    [Fact]
    public void Whatever_was_counted_is_read_back_and_adds_up()
    {
        var numbers = Arb.From(Gen.Choose(int.MinValue + 1, int.MaxValue).ArrayOf(4));
        string[] suffixes = ["", "m", "u", "n", "k", "M", "Ki", "Mi", "e3", "e-3"];
        Prop.ForAll(numbers, drawn =>
        {
            var (one, other) = ($"{drawn[0]}{suffixes[Math.Abs(drawn[1]) % suffixes.Length]}", $"{drawn[2]}{suffixes[Math.Abs(drawn[3]) % suffixes.Length]}");
            Assert.Equal(Billionths(one), Billionths(Of(one).ToString()));
            Assert.Equal(Billionths(one) + Billionths(other), Billionths((Of(one) + Of(other)).ToString()));
            Assert.Equal(Billionths(one).CompareTo(Billionths(other)), Math.Sign(Of(one).CompareTo(Of(other))));
            Assert.Equal(Of(one), Of(one) + Of(other) - Of(other));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    internal static Quantity Of(string text) => Quantity.TryParse(text, out var quantity) ? quantity : throw new ArgumentException(text);

    /// <summary>What a text says, by a definition of its own: an integer and a suffix.</summary>
    private static BigInteger Billionths(string text)
    {
        var digits = text.TakeWhile(c => c == '-' || char.IsAsciiDigit(c)).Count();
        BigInteger factor = text[digits..] switch
        {
            "" => 1_000_000_000,
            "n" or "e-9" => 1,
            "u" or "e-6" => 1_000,
            "m" or "e-3" => 1_000_000,
            "k" or "e3" => 1_000_000_000_000,
            "M" or "e6" => 1_000_000_000_000_000,
            "G" or "e9" => 1_000_000_000_000_000_000,
            "T" or "e12" => BigInteger.Pow(10, 21),
            "P" or "e15" => BigInteger.Pow(10, 24),
            "E" or "e18" => BigInteger.Pow(10, 27),
            ['K', 'i'] => BigInteger.Pow(1024, 1) * 1_000_000_000,
            ['M', 'i'] => BigInteger.Pow(1024, 2) * 1_000_000_000,
            ['G', 'i'] => BigInteger.Pow(1024, 3) * 1_000_000_000,
            ['T', 'i'] => BigInteger.Pow(1024, 4) * 1_000_000_000,
            ['P', 'i'] => BigInteger.Pow(1024, 5) * 1_000_000_000,
            ['E', 'i'] => BigInteger.Pow(1024, 6) * 1_000_000_000,
            var suffix => throw new ArgumentException(suffix),
        };
        return BigInteger.Parse(text[..digits], System.Globalization.CultureInfo.InvariantCulture) * factor;
    }
}
