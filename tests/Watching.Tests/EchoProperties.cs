using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>
/// One mirror, written by us and by others in any order, with lists in between. Whatever is dropped as an echo, no new harm to our copy is: harm that
/// somebody does is told, unless a list shows it, after which everything is looked at anyway.
/// </summary>
public sealed class EchoProperties
{
    private enum Act
    {
        WeCopyTheNextVersion,
        WeRepair,
        SomebodyEditsAKey,
        SomebodyDeletesAKey,
        SomebodyAddsAKey,
        SomebodyLabels,
        SomebodyTouchesABookkeepingAnnotation,
        SomebodyRemovesABookkeepingAnnotation,
        WeStampATime,
        SomebodyClearsManagedFields,
        AList,
        AListAfterAGap,
    }

    private static readonly Gen<Act[]> anyHistory = Gen.Elements(Enum.GetValues<Act>()).ArrayOf();

    [Fact]
    public void New_harm_is_always_told() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40),
            Prop.ForAll(anyHistory.ToArbitrary(), history => Play(history).Missed == 0));

    [Fact]
    public void Without_anybody_else_every_write_of_ours_is_an_echo() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(
            Gen.Elements(Act.WeCopyTheNextVersion, Act.WeRepair, Act.SomebodyLabels, Act.WeStampATime).ArrayOf().ToArbitrary(),
            history => Play(history).Told == 0));

    [Fact]
    public void After_somebodys_edits_our_next_versions_are_echoes_again() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(
            Gen.Elements(Act.SomebodyEditsAKey, Act.SomebodyDeletesAKey, Act.AList, Act.WeRepair).ArrayOf().ToArbitrary(),
            history => Play([.. history, Act.WeCopyTheNextVersion]).LastWasEcho));

    private static (int Told, int Missed, bool LastWasEcho) Play(Act[] history)
    {
        var catalogue = new Catalogue();
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());
        var mirror = Mirrors.Made("team-a", copied: "v1");
        var (version, counter, told, missed, harm) = (1, 0, 0, 0, "");
        var wasEcho = catalogue.Changed(mirror.Snapshot()) == Verdict.Echo;
        foreach (var act in history)
        {
            version += act == Act.WeCopyTheNextVersion ? 1 : 0;
            Do(act, mirror, version, ++counter);
            var harmNow = Harm(mirror, version);
            if (act is Act.AList or Act.AListAfterAGap)
            {
                catalogue.ShowList(Kinds.Secret, Mirrors.Source(), mirror);
            }
            else
            {
                wasEcho = catalogue.Changed(mirror.Snapshot()) == Verdict.Echo;
                told += wasEcho ? 0 : 1;
                missed += wasEcho && harmNow.Length > 0 && harmNow != harm ? 1 : 0;
            }
            harm = harmNow;
        }
        return (told, missed, wasEcho);
    }

    private static void Do(Act act, ClusterObject mirror, int version, int counter)
    {
        switch (act)
        {
            case Act.WeCopyTheNextVersion or Act.WeRepair: mirror.Copy(Mirrors.Wildcard, $"v{version}"); break;
            case Act.SomebodyEditsAKey: mirror.Set(ClusterObject.Somebody, "data/tls.crt", $"edit {counter}"); break;
            case Act.SomebodyDeletesAKey: mirror.Set(ClusterObject.Somebody, "data/tls.key", null); break;
            case Act.SomebodyAddsAKey: mirror.Set(ClusterObject.Somebody, $"data/own-{counter}", "x"); break;
            case Act.SomebodyLabels: mirror.Set(ClusterObject.Somebody, "labels/app", $"{counter}"); break;
            case Act.SomebodyTouchesABookkeepingAnnotation: mirror.Annotate(Vocabulary.Heliograph.SourceVersion, $"x{counter}"); break;
            case Act.SomebodyRemovesABookkeepingAnnotation: mirror.Annotate(Vocabulary.Reflector.AutoReflects, null); break;
            case Act.WeStampATime: mirror.Annotate(Vocabulary.Reflector.ReflectedAt, $"{counter}", Mirrors.Us); break;
            case Act.SomebodyClearsManagedFields: mirror.ClearManagedFields(); break;
            case Act.AListAfterAGap: mirror.Copy(Mirrors.Wildcard, $"v{version}").Set(ClusterObject.Somebody, "data/tls.key", null); break;
        }
    }

    /// <summary>What differs from what we wrote, as text; empty where nothing does.</summary>
    private static string Harm(ClusterObject mirror, int version)
    {
        var whole = Mirrors.Made("team-a", copied: $"v{version}").Fields;
        return string.Join(';', whole
            .Where(field => !field.Key.EndsWith("-at", StringComparison.Ordinal) && mirror.Fields.GetValueOrDefault(field.Key) != field.Value)
            .Select(field => $"{field.Key}={mirror.Fields.GetValueOrDefault(field.Key)}").Order(StringComparer.Ordinal));
    }
}
