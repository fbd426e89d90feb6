using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>Every annotation with every kind of bad input: what is reported, and that what stands stays.</summary>
public sealed class FaultTests
{
    private const string NotBoolean = "is not a boolean; write \"true\" or \"false\"";
    private const string NotPattern = "is not a valid pattern; write a comma list of regular expressions, each matching a whole name";
    private const string Selector = "write a Kubernetes label selector such as \"env in (dev,test),!legacy\"";
    private const string OldNew = "write a comma list of \"old=new\"";

    private static readonly Obj Dev = Obj.Ns("dev");

    /// <summary>What must be there for the annotation to matter; the annotation, its value, and what is reported.</summary>
    public static TheoryData<string, string, string, string> OnSources => new()
    {
        { "reflector", Keys.Allowed, "yes", $"\"yes\" {NotBoolean}" },
        { "reflector", Keys.Allowed, "", $"\"\" {NotBoolean}" },
        { "reflector", Keys.Allowed, "“true”", $"\"“true”\" {NotBoolean}" },
        { "reflector", Keys.Auto, "on", $"\"on\" {NotBoolean}" },
        { "reflector", Keys.AllowedNamespaces, "[", $"\"[\" {NotPattern}" },
        { "reflector", Keys.AllowedNamespaces, "dev,*-x", $"\"*-x\" {NotPattern}" },
        { "reflector", Keys.AllowedSelector, "env in ()", $"\"in\" and \"notin\" need at least one value; {Selector}" },
        { "reflector", Keys.AutoNamespaces, "a{1", $"\"a{{1\" {NotPattern}" },
        { "reflector", Keys.AutoSelector, "env=a b", $"unexpected \"b\" in the selector; {Selector}" },
        { "replicator", Keys.ReplicateTo, "(", $"\"(\" {NotPattern}" },
        { "replicator", Keys.ReplicateToMatching, "=x", $"\"=\" is not a label key; {Selector}" },
        { "replicator", Keys.StripLabels, "no", $"\"no\" {NotBoolean}" },
        { "replicator", Keys.KeepOwners, "", $"\"\" {NotBoolean}" },
        { "ours", Keys.PushTo, "dev,[", $"\"[\" {NotPattern}" },
        { "ours", Keys.PushToMatching, "", $"it is empty; write {Keys.PushTo}: \"*\" for every namespace" },
        { "ours", Keys.PushToMatching, "!", $"\"\" is not a label key; {Selector}" },
        { "ours", Keys.NewName, "", "\"\" is no name for a Secret; write a name, in which {name} and {namespace} stand for the source's" },
        { "ours", Keys.NewName, "My_Secret", "\"My_Secret\" is no name for a Secret; write a name, in which {name} and {namespace} stand for the source's" },
        { "ours", Keys.NewName, "{nam}", "\"{nam}\" is no name for a Secret; write a name, in which {name} and {namespace} stand for the source's" },
        { "ours", Keys.NewName, "../x", "\"../x\" is no name for a Secret; write a name, in which {name} and {namespace} stand for the source's" },
        { "ours", Keys.OnlyKeys, "[", $"\"[\" {NotPattern}" },
        { "ours", Keys.OnlyKeys, "", "it names no key; name keys, or remove the annotation to have all of them copied" },
        { "ours", Keys.OnlyKeys, " , ", "it names no key; name keys, or remove the annotation to have all of them copied" },
        { "ours", Keys.RenameKeys, "a", $"\"a\" is not of the form \"old=new\" with keys of letters, digits, \"-\", \"_\" and \".\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=b=c", $"\"a=b=c\" is not of the form \"old=new\" with keys of letters, digits, \"-\", \"_\" and \".\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=..", $"\"a=..\" is not of the form \"old=new\" with keys of letters, digits, \"-\", \"_\" and \".\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=b c", $"\"a=b c\" is not of the form \"old=new\" with keys of letters, digits, \"-\", \"_\" and \".\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=x,b=x", $"two keys would be named \"x\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "nokey=x,neither=x", $"two keys would be named \"x\"; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=x,a=y", $"\"a\" is renamed twice; {OldNew}" },
        { "ours", Keys.RenameKeys, "a=b", $"two keys would be named \"b\"; {OldNew}" },
        { "ours", Keys.CopyLabels, "[", $"\"[\" {NotPattern}" },
        { "ours", Keys.CopyAnnotations, "(", $"\"(\" {NotPattern}" },
        { "ours", Keys.CopyLabels, "(?=(a+)+$)(a+)+b", $"\"(?=(a+)+$)(a+)+b\" takes too long to match {new string('a', 60)}; write a simpler pattern" },
        { "ours", Keys.SetLabels, "a", "\"a\" is not of the form \"key: value\"; write one \"key: value\" a line" },
        { "ours", Keys.SetLabels, "-a: b", "\"-a\" is not a label key; write one \"key: value\" a line" },
        { "ours", Keys.SetLabels, "a: b/c", "\"b/c\" is not a label value; write one \"key: value\" a line" },
        { "ours", Keys.SetAnnotations, "a b: c", "\"a b\" is not an annotation key; write one \"key: value\" a line" },
        { "ours", Keys.SetAnnotations, $"{Keys.PushTo}: x", $"\"{Keys.PushTo}\" would make the mirror say something to a controller; write one \"key: value\" a line" },
        { "ours", Keys.SetAnnotations, "{\"a\": 1}", "the value of \"a\" is no text; put it in quotation marks; write one \"key: value\" a line" },
        { "ours", Keys.OnRelease, "retain", "\"retain\" is neither; write \"delete\" or \"keep\"" },
        { "ours", Keys.OnRelease, "", "\"\" is neither; write \"delete\" or \"keep\"" },
    };

    [Theory]
    [MemberData(nameof(OnSources))]
    public void What_is_wrong_on_a_source_is_reported_and_its_mirrors_stay(string dialect, string key, string value, string report)
    {
        var good = Source(dialect);
        var broken = good.Annotate(key, value) with { Version = "200" };
        // List and selector are united, so what one of them plainly says goes on.
        if (key is Keys.ReplicateToMatching or Keys.PushToMatching)
        {
            Assert.Equal("push", Ask.Push(broken, Dev));
            broken = broken.Annotate((Keys.ReplicateTo, null), (Keys.PushTo, null));
        }
        var fault = Assert.Single(Dialects.ReadFaults(broken));
        Assert.Equal(((Snapshot)broken).Ref, fault.Object);
        Assert.Equal($"{key}: {report}", fault.ToString());
        Assert.Equal("uid-apps-registry", fault.Uid);
        Assert.Empty(Dialects.ReadFaults(good));
        Assert.Equal([fault], Dialects.ReadSource(broken).Faults);

        // The mirror that stands is neither changed nor removed, and the reason is told; where there is none, none is made.
        var mirror = MirrorOf(good);
        if (key == Keys.OnRelease)
        {
            broken = broken.Annotate(Keys.PushTo, "nobody");
            Assert.Equal(Act.Refuse, Ask.Decide(Ask.Cell(broken, mirror, Dev)).Act);
            Assert.Equal(Act.Remove, Ask.Decide(Ask.Cell(broken.Annotate(Keys.OnRelease, null), mirror, Dev)).Act);
            return;
        }
        var frozen = Ask.Decide(Ask.Cell(broken, mirror, Dev));
        Assert.Equal((Act.Refuse, Reason.Invalid), (frozen.Act, frozen.Reason));
        Assert.Contains(fault.ToString(), frozen.Detail, StringComparison.Ordinal);
        var absent = Ask.Decide(Ask.Cell(broken, null, Dev));
        Assert.Equal((Act.Keep, Reason.Invalid), (absent.Act, absent.Reason));
        Assert.Equal((Act.Write, Reason.Missing), (Ask.Decide(Ask.Cell(good, null, Dev)).Act, Ask.Decide(Ask.Cell(good, null, Dev)).Reason));
    }

    public static TheoryData<string, string, string> OnGrants => new()
    {
        { Keys.ReplicationAllowed, "yes", $"\"yes\" {NotBoolean}" },
        { Keys.ReplicationAllowedNamespaces, "dev,[", $"\"[\" {NotPattern}" },
        { Keys.AllowPullFrom, "[", $"\"[\" {NotPattern}" },
        { Keys.OnlyKeys, "[", $"\"[\" {NotPattern}" },
    };

    [Theory]
    [MemberData(nameof(OnGrants))]
    public void A_permission_that_cannot_be_read_leaves_the_users_object_as_it_is(string key, string value, string report)
    {
        var source = Obj.Secret("apps/registry", "a=MQ==").Annotate((Keys.ReplicationAllowed, "true"), (Keys.ReplicationAllowedNamespaces, "*")).Annotate(key, value);
        if (key == Keys.AllowPullFrom)
            source = source.Annotate((Keys.ReplicationAllowed, null), (Keys.ReplicationAllowedNamespaces, null));
        Assert.Equal($"{key}: {report}", Assert.Single(Dialects.ReadFaults(source)).ToString());
        var mirror = Obj.Secret("dev/mirror", "a=MA==").Annotate(Keys.ReplicateFrom, "apps/registry");
        var intent = Ask.Decide(Ask.Cell(source, mirror, Dev));
        Assert.Equal((Act.Refuse, Reason.Invalid), (intent.Act, intent.Reason));
        Assert.EndsWith(report, intent.Detail, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> References => new()
    {
        { "registry", "does not name a Secret" }, { "apps/", "does not name a Secret" }, { "/registry", "does not name a Secret" },
        { "a/b/c", "does not name a Secret" }, { "", "does not name a Secret" }, { " ", "does not name a Secret" }, { "/", "does not name a Secret" },
        { "apps/my_secret", "does not name a Secret" }, { "Apps/registry", "does not name a Secret" }, { "apps/..", "does not name a Secret" },
        { "../registry", "does not name a Secret" }, { "apps.x/registry", "does not name a Secret" }, { "apps/%2e", "does not name a Secret" },
        { "apps /reg istry", "does not name a Secret" }, { "dev/mirror", "is the object itself" },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void A_request_that_cannot_be_read_leaves_the_object_as_it_is(string value, string problem)
    {
        foreach (var key in new[] { Keys.PullFrom, Keys.Reflects, Keys.ReplicateFrom })
        {
            var broken = Obj.Secret("dev/mirror", "a=MQ==").Annotate(key, value);
            var fault = Assert.Single(Dialects.ReadFaults(broken));
            Assert.Equal($"{key}: \"{value}\" {problem}; {(problem.StartsWith("is", StringComparison.Ordinal) ? "name another one" : "write \"namespace/name\"")}", fault.ToString());
            Assert.Null(Dialects.ReadRequest(broken));
            // Neither a push nor emptiness nor consent makes it anybody's, nor does having been a mirror get it removed.
            var source = Obj.Secret("apps/mirror", "a=Mg==").Annotate(Keys.PushTo, "*");
            foreach (var mirror in new[] { broken, Obj.Secret("dev/mirror").Annotate(key, value), broken.Annotate(Keys.Adopt, "true") })
                Assert.Equal((Act.Refuse, Reason.Invalid), Word(Ask.Decide(Ask.Cell(source, mirror, Dev))));
            var made = MirrorOf(source).Annotate(Keys.AutoReflects, null).Annotate(key, value);
            Assert.Equal((Act.Refuse, Reason.Invalid), Word(Ask.Decide(Ask.Cell(source.Annotate(Keys.PushTo, null), made, Dev))));
            Assert.Equal((Act.Refuse, Reason.Invalid), Word(Ask.Decide(Ask.Cell(null, made, Dev, sourceRef: "Secret/apps/mirror"))));
        }
    }

    [Fact]
    public void Consent_that_cannot_be_read_is_reported_and_is_none()
    {
        var foreign = Obj.Secret("dev/registry", "x=MQ==").Annotate(Keys.Adopt, "yes please");
        Assert.Equal($"{Keys.Adopt}: \"yes please\" {NotBoolean}", Assert.Single(Dialects.ReadFaults(foreign)).ToString());
        Assert.Equal((Act.Refuse, Reason.Conflict), Word(Ask.Decide(Ask.Cell(Source("ours"), foreign, Dev))));
    }

    [Theory]
    [InlineData(Keys.AcceptFrom, "[", $"{Keys.AcceptFrom}: \"[\" {NotPattern}")]
    [InlineData(Keys.AcceptFrom, "apps,(", $"{Keys.AcceptFrom}: \"(\" {NotPattern}")]
    [InlineData(Keys.AcceptChildren, "[", $"{Keys.AcceptChildren}: \"[\" {NotPattern}")]
    [InlineData("heliograph.dev/accept", "apps", "heliograph.dev/accept: there is no such annotation; see the list of annotations in the documentation")]
    public void What_is_wrong_on_a_namespace_is_reported_there_and_its_mirrors_stay(string key, string value, string report)
    {
        var ns = Dev.Annotate(key, value);
        var fault = Assert.Single(Dialects.ReadNamespaceFaults(ns));
        Assert.Equal(("Namespace/dev", report, "uid-dev"), (fault.Object.ToString(), fault.ToString(), fault.Uid));
        Assert.Empty(Dialects.ReadNamespaceFaults(Dev.Annotate(Keys.AcceptFrom, "apps,team-.*")));
        if (key != Keys.AcceptFrom)
            return;
        // What it freezes, it freezes as it is: neither changed nor removed, nor made.
        var source = Source("ours") with { Version = "200" };
        Assert.Equal((Act.Refuse, Reason.Invalid), Word(Ask.Decide(Ask.Cell(source, MirrorOf(source), ns))));
        Assert.Equal((Act.Keep, Reason.Invalid), Word(Ask.Decide(Ask.Cell(source, null, ns))));
        Assert.Equal((Act.Remove, Reason.NoLongerSelected), Word(Ask.Decide(Ask.Cell(source.Annotate(Keys.PushTo, "nobody"), MirrorOf(source), ns))));
    }

    [Fact]
    public void Two_requests_for_different_sources_are_reported()
    {
        var asking = Obj.Secret("dev/mirror").Annotate((Keys.Reflects, "apps/one"), (Keys.ReplicateFrom, "apps/two"));
        Assert.Equal(
            $"{Keys.ReplicateFrom}: {Keys.Reflects} already asks for Secret/apps/one, and goes before it; remove one of them",
            Assert.Single(Dialects.ReadFaults(asking)).ToString());
        Assert.Empty(Dialects.ReadFaults(asking.Annotate(Keys.ReplicateFrom, "apps/one")));
    }

    [Theory]
    [InlineData("heliograph.dev/push_to")]
    [InlineData("reflector.v1.k8s.emberstack.com/reflection-allowed-namespace")]
    [InlineData("reflector.v1.k8s.emberstack.com/secret-reflects")]
    [InlineData("replicator.v1.mittwald.de/replicate-once")]
    public void A_key_of_no_vocabulary_is_reported_and_freezes_nothing(string key)
    {
        var source = Source("replicator").Annotate(key, "x");
        Assert.Equal($"{key}: there is no such annotation; see the list of annotations in the documentation", Assert.Single(Dialects.ReadFaults(source)).ToString());
        Assert.Equal("push", Ask.Push(source, Dev));
    }

    /// <summary>Whoever writes a push on a mirror that was made waits for something that never comes.</summary>
    [Theory]
    [InlineData(Keys.PushTo)]
    [InlineData(Keys.PushToMatching)]
    [InlineData(Keys.Auto)]
    [InlineData(Keys.ReplicateTo)]
    [InlineData(Keys.ReplicateToMatching)]
    public void A_push_on_a_mirror_that_was_made_is_reported_and_changes_nothing(string key)
    {
        var source = Source("ours");
        var made = MirrorOf(source).Annotate((key, "true"), (Keys.Allowed, "true"));
        Assert.Equal(
            $"{key}: this object is a mirror that a controller made, and such a mirror is never pushed on; annotate its source", Assert.Single(Dialects.ReadFaults(made)).ToString());
        Assert.Equal("no", Ask.Push(made, Obj.Ns("other")));
        Assert.Equal((Act.Write, Reason.SourceChanged), Word(Ask.Decide(Ask.Cell(source with { Version = "200" }, made, Dev))));
        // What was filled on its own request may be pushed on.
        var asked = Obj.Secret("dev/mirror").Annotate((Keys.PullFrom, "apps/registry"), (Keys.Mirror, "on-request"), (Keys.PushTo, "*"));
        Assert.Empty(Dialects.ReadFaults(asked));
    }

    [Fact]
    public void A_kind_without_keys_has_none_to_choose()
    {
        var role = Obj.Of(Kinds.Role, "apps/reader").Annotate((Keys.PushTo, "*"), (Keys.OnlyKeys, "x"));
        Assert.Equal($"{Keys.OnlyKeys}: a Role has no keys; remove the annotation", Assert.Single(Dialects.ReadFaults(role)).ToString());
        Assert.Equal("frozen", Ask.Push(role, Dev));
    }

    [Theory]
    [InlineData("default", null, "default")]
    [InlineData("builder", "default", "default")]
    public void Nothing_is_pushed_under_a_name_that_the_cluster_fills(string name, string? template, string reserved)
    {
        var account = Obj.Of(Kinds.ServiceAccount, $"apps/{name}").Annotate((Keys.ReplicateTo, "*"), (Keys.NewName, template), (Keys.AllowPullFrom, "*"));
        Assert.Equal(
            $"{(template is null ? Keys.ReplicateTo : Keys.NewName)}: every namespace has a ServiceAccount {reserved} from the cluster, so nothing is pushed under this name; "
            + $"choose another with {Keys.NewName}, or let the namespace's own ask with {Keys.PullFrom}",
            Assert.Single(Dialects.ReadFaults(account)).ToString());
        Assert.Equal(("frozen", "pull"), (Ask.Push(account, Dev), Ask.Pull(account, Dev)));
        Assert.IsType<Wish.Push>(Ask.PushWish(Obj.Of(Kinds.ServiceAccount, "apps/default").Annotate((Keys.ReplicateTo, "*"), (Keys.NewName, "puller")), Dev, name: "puller"));
    }

    /// <summary>What only ever is written by a controller is never wrong: it is written again.</summary>
    [Fact]
    public void Every_annotation_that_somebody_writes_is_in_these_tables()
    {
        string[] written =
        [
            Keys.Source, Keys.SourceUid, Keys.SourceVersion, Vocabulary.Heliograph.NamespacesVersion, Keys.Mirror, Keys.AutoReflects, Keys.ReflectedVersion, Vocabulary.Reflector.ReflectedAt,
            Vocabulary.Replicator.ReplicatedAt, Keys.ReplicatedFromVersion, Keys.ReplicatedKeys,
        ];
        string[] elsewhere = [Keys.PullFrom, Keys.Reflects, Keys.ReplicateFrom, Keys.Adopt, Keys.AcceptFrom, Keys.AcceptChildren];
        var tabulated = OnSources.Select(row => row.Data.Item2).Concat(OnGrants.Select(row => row.Data.Item1)).Concat(elsewhere).Concat(written);
        Assert.Equal(Vocabulary.Keys.Order(StringComparer.Ordinal), tabulated.Distinct().Order(StringComparer.Ordinal));
        var nonsense = Obj.Secret("dev/registry").Annotate([.. written.Where(key => key != Keys.Mirror).Select(key => (key, (string?)"\u0001 [ nonsense"))]);
        Assert.Empty(Dialects.ReadFaults(nonsense));
    }

    [Fact]
    public void Nothing_is_said_of_objects_that_say_nothing() => Assert.Empty(Dialects.ReadFaults(Obj.Secret("apps/registry").Annotate("example.com/push-to", "[")));

    private static Obj Source(string dialect)
    {
        var source = Obj.Secret("apps/registry", "a=MQ==", "b=Mg==").Label(new string('a', 60), "x");
        return dialect switch
        {
            "reflector" => source.Annotate((Keys.Allowed, "true"), (Keys.Auto, "true")),
            "replicator" => source.Annotate(Keys.ReplicateTo, "*"),
            _ => source.Annotate(Keys.PushTo, "*"),
        };
    }

    private static Obj MirrorOf(Obj source) => Obj.Secret($"dev/{source.Name}", "a=MQ==").By("heliograph")
        .Annotate((Keys.Source, $"Secret/apps/{source.Name}"), (Keys.SourceUid, source.Uid), (Keys.SourceVersion, "1"));

    private static (Act Act, Reason Reason) Word(Intent intent) => (intent.Act, intent.Reason);
}
