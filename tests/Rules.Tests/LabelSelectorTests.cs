using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class LabelSelectorTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("  ", "env=dev", true)]
    [InlineData("env=dev", "env=dev", true)]
    [InlineData("env=dev", "env=prod", false)]
    [InlineData("env=dev", "", false)]
    [InlineData(" env == dev ", "env=dev", true)]
    [InlineData("env=Dev", "env=dev", false)]
    [InlineData("env!=dev", "env=dev", false)]
    [InlineData("env!=dev", "env=prod", true)]
    [InlineData("env!=dev", "", true)]
    [InlineData("env", "env=", true)]
    [InlineData("env", "", false)]
    [InlineData("!env", "", true)]
    [InlineData("! env", "env=x", false)]
    [InlineData("env in (dev,test)", "env=test", true)]
    [InlineData("env in(dev)", "env=dev", true)]
    [InlineData("env in ( dev , test )", "env=test", true)]
    [InlineData("env in (dev,test)", "env=prod", false)]
    [InlineData("env in (dev)", "", false)]
    [InlineData("env notin (dev,test)", "env=test", false)]
    [InlineData("env notin (dev,test)", "env=prod", true)]
    [InlineData("env notin (dev)", "", true)]
    // The empty value.
    [InlineData("env=", "env=", true)]
    [InlineData("env=", "env=x", false)]
    [InlineData("env=,tier=a", "env=,tier=a", true)]
    [InlineData("env!=", "env=", false)]
    [InlineData("env in (a,)", "env=", true)]
    [InlineData("env in (a,)", "env=a", true)]
    [InlineData("env in (a,)", "env=b", false)]
    [InlineData("env in (,a)", "env=", true)]
    [InlineData("env in (a,,b)", "env=", true)]
    [InlineData("env notin (a,)", "env=", false)]
    // All requirements hold, also several on one label.
    [InlineData("env=dev,tier=web", "env=dev,tier=web", true)]
    [InlineData("env=dev,tier=web", "env=dev", false)]
    [InlineData("env=a,env=b", "env=b", false)]
    [InlineData("env!=a,env!=b", "env=b", false)]
    [InlineData("env in (a,b),env in (b,c)", "env=b", true)]
    [InlineData("env in (a,b),env in (b,c)", "env=a", false)]
    [InlineData("env,!legacy,tier notin (db)", "env=x,tier=web", true)]
    // Prefixed keys, and keys and values that read like operators.
    [InlineData("kubernetes.io/metadata.name=team-a", "kubernetes.io/metadata.name=team-a", true)]
    [InlineData("in in (in)", "in=in", true)]
    [InlineData("notin notin (in)", "notin=in", false)]
    [InlineData("in", "in=x", true)]
    [InlineData("a=in", "a=in", true)]
    // Numbers.
    [InlineData("size>5", "size=6", true)]
    [InlineData("size > 5", "size=5", false)]
    [InlineData("size>5", "size=many", false)]
    [InlineData("size>5", "", false)]
    [InlineData("size<5", "size=4", true)]
    [InlineData("size<5", "size=5", false)]
    [InlineData("env=dev,\n\ttier=web\r\n", "env=dev,tier=web", true)]
    public void Selectors(string selector, string labels, bool matches)
    {
        var read = LabelSelector.Parse(selector, out var problem);
        Assert.Null(problem);
        Assert.Equal(matches, read!.Matches(Labels(labels)));
        Assert.Equal(matches, read.FirstUnmet(Labels(labels)) is null);
    }

    [Theory]
    [InlineData(",", "\",\" is not a label key")]
    [InlineData("env,", "\"\" is not a label key")]
    [InlineData(",env", "\",\" is not a label key")]
    [InlineData("env=a,,tier=b", "\",\" is not a label key")]
    [InlineData("=a", "\"=\" is not a label key")]
    [InlineData("!", "\"\" is not a label key")]
    [InlineData("!env=a", "unexpected \"=\" in the selector")]
    [InlineData("!!env", "\"!\" is not a label key")]
    [InlineData("-env", "\"-env\" is not a label key")]
    [InlineData("env.=a", "\"env.\" is not a label key")]
    [InlineData("Example.com/env", "\"Example.com/env\" is not a label key")]
    [InlineData("env dev", "unexpected \"dev\" after \"env\" in the selector")]
    [InlineData("env=dev test", "unexpected \"test\" in the selector")]
    [InlineData("env===dev", "\"=\" is not a label value")]
    [InlineData("env=!dev", "\"!\" is not a label value")]
    [InlineData("env=de/v", "\"de/v\" is not a label value")]
    [InlineData("env=\"dev\"", "\"\"dev\"\" is not a label value")]
    [InlineData("env=“dev”", "\"“dev”\" is not a label value")]
    [InlineData("env\u00a0=dev", "\"env\u00a0\" is not a label key")]
    [InlineData("env in", "\"in\" and \"notin\" need values in brackets")]
    [InlineData("env in dev", "\"in\" and \"notin\" need values in brackets")]
    [InlineData("env in ()", "\"in\" and \"notin\" need at least one value")]
    [InlineData("env notin ( )", "\"in\" and \"notin\" need at least one value")]
    [InlineData("env in (dev", "a bracket is not closed in the selector")]
    [InlineData("env in (dev test)", "a bracket is not closed in the selector")]
    [InlineData("env in (dev))", "unexpected \")\" in the selector")]
    [InlineData("env in (d!ev)", "a bracket is not closed in the selector")]
    [InlineData("env in ((dev))", "\"(\" is not a label value")]
    [InlineData("env IN (dev)", "unexpected \"IN\" after \"env\" in the selector")]
    [InlineData("size>", "\"\" is not an integer")]
    [InlineData("size>big", "\"big\" is not an integer")]
    [InlineData("size>=5", "\"=\" is not a label value")]
    [InlineData("size>-5", "\"-5\" is not a label value")]
    [InlineData("size>99999999999999999999", "\"99999999999999999999\" is not an integer")]
    [InlineData("*", "\"*\" is not a label key")]
    [InlineData("env: dev", "\"env:\" is not a label key")]
    public void Errors(string selector, string problem)
    {
        Assert.Null(LabelSelector.Parse(selector, out var told));
        Assert.Equal(problem, told);
    }

    [Theory]
    [InlineData("env=dev,tier in (web,api)", "env=dev,tier=db", "\"tier in (api,web)\" (tier is \"db\")")]
    [InlineData("env=dev", "", "\"env in (dev)\" (there is no label env)")]
    [InlineData("!legacy", "legacy=yes", "\"!legacy\" (legacy is \"yes\")")]
    [InlineData("size>5", "size=3", "\"size>5\" (size is \"3\")")]
    public void The_first_requirement_that_does_not_hold_is_told(string selector, string labels, string unmet) =>
        Assert.Equal(unmet, LabelSelector.Parse(selector, out _)!.FirstUnmet(Labels(labels)));

    /// <summary>A selector built from requirements selects what all of them select, whatever the spacing.</summary>
    [Fact]
    public void Requirements_are_joined_by_and()
    {
        var keys = Gen.Elements("env", "tier", "example.com/x");
        var values = Gen.Elements("a", "b", "c");
        var space = Gen.Elements("", " ", "\t ");
        var labels = keys.Zip(values).ListOf().Select(pairs => pairs.GroupBy(p => p.Item1).ToImmutableDictionary(g => g.Key, g => g.First().Item2));
        Gen<(string Text, Func<ImmutableDictionary<string, string>, bool> Holds)> requirement =
            from key in keys
            from value in values
            from other in values
            from s in space
            from one in Gen.Elements<(string, Func<ImmutableDictionary<string, string>, bool>)>(
                ($"{s}{key}{s}={s}{value}{s}", l => l.GetValueOrDefault(key) == value),
                ($"{key}=={s}{value}", l => l.GetValueOrDefault(key) == value),
                ($"{key}{s}!={value}", l => l.GetValueOrDefault(key) != value),
                ($"{s}{key}", l => l.ContainsKey(key)),
                ($"!{s}{key}{s}", l => !l.ContainsKey(key)),
                ($"{key} in{s}({value},{s}{other})", l => l.GetValueOrDefault(key) is { } v && (v == value || v == other)),
                ($"{key} notin ({s}{value}{s},{other})", l => l.GetValueOrDefault(key) is not { } v || (v != value && v != other)))
            select one;
        Prop.ForAll(requirement.NonEmptyListOf().Zip(labels).ToArbitrary(), pair =>
        {
            var (requirements, on) = pair;
            var selector = LabelSelector.Parse(string.Join(',', requirements.Select(r => r.Text)), out _);
            return selector!.Matches(on) == requirements.All(r => r.Holds(on));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Every_text_is_read_or_refused()
    {
        var text = Gen.Elements("a", "b", ",", "(", ")", "!", "=", "==", "!=", " in ", " notin ", "<", ">", "1", " ", "/", ".", "-", "\u00a0").ArrayOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), selector => (LabelSelector.Parse(selector, out var problem) is null) == (problem is not null))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static ImmutableDictionary<string, string> Labels(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=')).ToImmutableDictionary(pair => pair[0], pair => pair[1]);
}
