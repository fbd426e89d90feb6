using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class PatternListTests
{
    [Theory]
    // A pattern matches the name as a whole.
    [InlineData("ns-1", "ns-1", Verdict.Yes)]
    [InlineData("ns-1", "ns-10", Verdict.No)]
    [InlineData("ns-1", "my-ns-1", Verdict.No)]
    [InlineData("ns-.", "ns-1", Verdict.Yes)]
    [InlineData("ns-[0-9]+", "ns-15", Verdict.Yes)]
    [InlineData("ns-[0-9]+", "ns-15-b", Verdict.No)]
    [InlineData("foo|foobar", "foobar", Verdict.Yes)]
    [InlineData("a|b", "a-x", Verdict.No)]
    [InlineData("a|b", "x-b", Verdict.No)]
    [InlineData("team-.*?", "team-a", Verdict.Yes)]
    [InlineData("^team-a$", "team-a", Verdict.Yes)]
    [InlineData("^team", "team-a", Verdict.No)]
    [InlineData("team-a$", "my-team-a", Verdict.No)]
    [InlineData("a\nb", "a", Verdict.No)]
    // Case matters, unless the pattern says otherwise.
    [InlineData("Team-A", "team-a", Verdict.No)]
    [InlineData("(?i)Team-A", "team-a", Verdict.Yes)]
    // The asterisk alone is every name; elsewhere it is a quantifier.
    [InlineData("*", "anything", Verdict.Yes)]
    [InlineData(" * ", "anything", Verdict.Yes)]
    [InlineData(".*", "anything", Verdict.Yes)]
    [InlineData("^*$", "anything", Verdict.No)]
    [InlineData("tss-*", "tss-a", Verdict.No)]
    [InlineData("tss-*", "tss---", Verdict.Yes)]
    [InlineData("tss-.*", "tss-a", Verdict.Yes)]
    [InlineData("tss-.*", "my-tss-a", Verdict.No)]
    [InlineData(".*-prod", "eu-prod", Verdict.Yes)]
    [InlineData(".*-prod", "eu-prod-2", Verdict.No)]
    [InlineData(".*-prod.*", "eu-prod-2", Verdict.Yes)]
    // Look-arounds work.
    [InlineData("^(?!(?:default|kube-system)$).*", "team-a", Verdict.Yes)]
    [InlineData("^(?!(?:default|kube-system)$).*", "default", Verdict.No)]
    [InlineData("(?!kube-).*", "kube-public", Verdict.No)]
    [InlineData(".*(?<!-dev)", "a-dev", Verdict.No)]
    [InlineData(".*(?<!-dev)", "a-prod", Verdict.Yes)]
    [InlineData(@"(a|b)-\1", "a-a", Verdict.Yes)]
    [InlineData(@"(a|b)-\1", "a-b", Verdict.No)]
    public void One_pattern(string list, string name, Verdict verdict) => Assert.Equal(verdict, Read(list).Match(name));

    [Theory]
    [InlineData("a,b", "b", Verdict.Yes)]
    [InlineData(" a , b ", "b", Verdict.Yes)]
    [InlineData("a,\n  b,\n", "b", Verdict.Yes)]
    [InlineData("a,,b", "b", Verdict.Yes)]
    [InlineData("a,b", "c", Verdict.No)]
    // Nothing but commas is a list without patterns.
    [InlineData("", "a", Verdict.No)]
    [InlineData("  ", "a", Verdict.No)]
    [InlineData(",", "a", Verdict.No)]
    [InlineData(" , ,, ", "", Verdict.No)]
    // A comma in brackets does not split.
    [InlineData("a{1,3}", "aa", Verdict.Yes)]
    [InlineData("a{1,3}", "aaaa", Verdict.No)]
    [InlineData("x,a{2,},y", "aaa", Verdict.Yes)]
    [InlineData("x,a{2,},y", "y", Verdict.Yes)]
    [InlineData("(a|b{1,2}),c", "bb", Verdict.Yes)]
    [InlineData("(a|b{1,2}),c", "c", Verdict.Yes)]
    [InlineData("[a,b],c", "b", Verdict.Yes)]
    [InlineData("[a,b],c", "c", Verdict.Yes)]
    [InlineData("[],],c", "]", Verdict.Yes)]
    [InlineData("[^],],c", "c", Verdict.Yes)]
    [InlineData("[^],],c", ",", Verdict.No)]
    [InlineData(@"[\],],c", ",", Verdict.Yes)]
    [InlineData("[(,{],c", "{", Verdict.Yes)]
    [InlineData("[(,{],c", "c", Verdict.Yes)]
    [InlineData("[a-z-[b,c]],d1", "a", Verdict.Yes)]
    [InlineData("[a-z-[b,c]],d1", "b", Verdict.No)]
    [InlineData("[a-z-[b,c]],d1", "d1", Verdict.Yes)]
    // Nor does one behind a backslash.
    [InlineData(@"a\,b", "a,b", Verdict.Yes)]
    [InlineData(@"a\,b", "b", Verdict.No)]
    [InlineData(@"a\(,b", "b", Verdict.Yes)]
    [InlineData(@"a\[,b", "b", Verdict.Yes)]
    [InlineData(@"a\\,b", "b", Verdict.Yes)]
    // A closing bracket without an opening one is a character.
    [InlineData("a},b", "b", Verdict.Yes)]
    [InlineData("a],b", "b", Verdict.Yes)]
    public void Lists(string list, string name, Verdict verdict) => Assert.Equal(verdict, Read(list).Match(name));

    [Theory]
    [InlineData("[", "\"[\" is not a valid pattern")]
    [InlineData("a,[,b", "\"[,b\" is not a valid pattern")]
    [InlineData("(", "\"(\" is not a valid pattern")]
    [InlineData("a(,b", "\"a(,b\" is not a valid pattern")]
    [InlineData("a)", "\"a)\" is not a valid pattern")]
    [InlineData("a)(b", "\"a)(b\" is not a valid pattern")]
    [InlineData("*-prod", "\"*-prod\" is not a valid pattern")]
    [InlineData("a, **", "\"**\" is not a valid pattern")]
    [InlineData("?", "\"?\" is not a valid pattern")]
    [InlineData("+", "\"+\" is not a valid pattern")]
    [InlineData("a{1", "\"a{1\" is not a valid pattern")]
    [InlineData("a{3,1}", "\"a{3,1}\" is not a valid pattern")]
    [InlineData(@"a,b\", "\"b\\\" is not a valid pattern")]
    [InlineData("(?<n", "\"(?<n\" is not a valid pattern")]
    [InlineData("(?x)a # b", "\"(?x)a # b\" is not a valid pattern")]
    [InlineData("[]", "\"[]\" is not a valid pattern")]
    public void An_invalid_item_makes_the_list_invalid(string list, string problem)
    {
        Assert.Null(PatternList.Parse(list, out var told));
        Assert.Equal(problem, told);
        Assert.Null(PatternList.Parse("good, " + list, out _));
    }

    [Fact]
    public void There_are_limits_and_they_are_told()
    {
        Assert.NotNull(PatternList.Parse(string.Join(',', Enumerable.Range(0, 5000).Select(i => $"name-{i}, start-{i}.*, .*-end-{i}")), out _));
        Assert.NotNull(PatternList.Parse(string.Join(',', Enumerable.Range(0, PatternList.MaxExpressions).Select(i => $"a[{i}]")), out _));
        Assert.Null(PatternList.Parse(string.Join(',', Enumerable.Range(0, PatternList.MaxExpressions + 1).Select(i => $"a[{i}]")), out var many));
        Assert.Equal("it has more than 100 regular expressions", many);
        Assert.Null(PatternList.Parse(new string('(', 51) + "a" + new string(')', 51), out var nested));
        Assert.EndsWith("has brackets nested deeper than 50", nested, StringComparison.Ordinal);
        Assert.NotNull(PatternList.Parse(new string('(', 50) + "a" + new string(')', 50), out _));
        Assert.Null(PatternList.Parse(new string('a', 4097), out var longer));
        Assert.EndsWith("is longer than 4096 characters", longer, StringComparison.Ordinal);
        Assert.InRange(longer!.Length, 1, 200);
    }

    /// <summary>Patterns on which backtracking takes longer than the age of the world.</summary>
    [Theory]
    [InlineData("(a+)+b", Verdict.No)]
    [InlineData("(((((a*)*)*)*)*)*b", Verdict.No)]
    [InlineData("(a|aa)+b", Verdict.No)]
    [InlineData("(?=(a+)+$)(a+)+b", Verdict.Unknown)]
    [InlineData("(?!x)(a+)+b", Verdict.Unknown)]
    [InlineData(@"((a|aa)+)\1b", Verdict.Unknown)]
    [InlineData("((a{1,100}){1,100}){1,100}", Verdict.Unknown)]
    public void A_hostile_pattern_is_answered_or_given_up(string pattern, Verdict verdict)
    {
        var name = new string('a', 252) + "c";
        Assert.Equal(verdict, Read(pattern).Match(name, out var item));
        Assert.Equal(verdict == Verdict.Unknown ? pattern : null, item);
        // The rest of the list still counts, and so do other names.
        Assert.Equal(Verdict.Yes, Read($"{pattern},{name}").Match(name));
        Assert.Equal(Verdict.No, Read($"{pattern},other").Match("x"));
    }

    /// <summary>After a few time-outs the list is not tried any more; a thousand namespaces cost no more than the first few. Plain names still work.</summary>
    [Fact]
    public void A_hostile_list_costs_its_timeouts_only_a_few_times()
    {
        var list = Read("(?=(a+)+$)(a+)+b,plain");
        var verdicts = Enumerable.Range(0, 2000).Select(i => list.Match(new string('a', 200) + i)).ToList();
        Assert.All(verdicts, verdict => Assert.Equal(Verdict.Unknown, verdict));
        Assert.Equal(Verdict.Yes, list.Match("plain"));
    }

    [Theory]
    [InlineData("a,ns-.*,b", "ns-1", "ns-.*")]
    [InlineData("*,a", "a", "*")]
    [InlineData("a", "b", null)]
    public void It_tells_which_item_matches(string list, string name, string? item)
    {
        Read(list).Match(name, out var told);
        Assert.Equal(item, told);
    }

    /// <summary>The shortcuts for plain items say what the regular expression would.</summary>
    [Fact]
    public void Shortcuts_are_no_other_rule()
    {
        var names = Gen.Elements("a", "b", "-", "ab", "1").ArrayOf().Select(string.Concat);
        var items = from prefix in Gen.Elements("", ".*") from name in names from suffix in Gen.Elements("", ".*") select prefix + name + suffix;
        Prop.ForAll(items.Zip(names).ToArbitrary(), pair =>
        {
            var (item, name) = pair;
            var expected = item.Length > 0 && System.Text.RegularExpressions.Regex.IsMatch(name, $@"\A(?:{item})\z");
            return Read(item).Match(name) == (expected ? Verdict.Yes : Verdict.No);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    /// <summary>Whatever is written, it is read or refused with a word, and never throws.</summary>
    [Fact]
    public void Every_text_is_read_or_refused()
    {
        var text = Gen.Elements("a", ",", "(", ")", "[", "]", "{", "}", "\\", "*", "?", "+", "|", ".", "^", "$", "1", "-", " ", "(?", "<", "=", "!", "#")
            .ArrayOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), list =>
        {
            var read = PatternList.Parse(list, out var problem);
            return (read is null) == (problem is not null) && (read is null || Enum.IsDefined(read.Match("a1")));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static PatternList Read(string text) => PatternList.Parse(text, out var problem) ?? throw new ArgumentException(problem);
}
