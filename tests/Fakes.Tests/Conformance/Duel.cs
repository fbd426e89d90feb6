using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Fakes.Tests.Conformance;

/// <summary>The two API servers differ. The message says where.</summary>
internal sealed class DifferenceException(string message) : Exception(message);

/// <summary>A step began in one second and ended in another, so that nobody can say at what time the real API server did what. The script is to be played again.</summary>
internal sealed class UncertainTimeException : Exception;

/// <summary>A clock that stands where it was put.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>Runs one script against both API servers and compares after every step.</summary>
internal sealed class Duel
{
    private const string Missing = "-missing";
    private readonly HttpClient http;
    private readonly RealSide real;
    private readonly FakeSide fake;
    private readonly StandingClock clock = new();
    private readonly string ns;
    private readonly string origin;
    private readonly bool throughPort;
    private readonly CancellationToken stop;

    /// <summary>Prepares a duel.</summary>
    /// <param name="http">A client of the real API server with all rights.</param>
    /// <param name="cluster">Our own door to it.</param>
    /// <param name="age">How old the real API server is.</param>
    /// <param name="ns">A namespace that is not used otherwise.</param>
    /// <param name="throughPort">Whether the steps of our own field manager go through <see cref="ICluster"/> on both sides.</param>
    /// <param name="stop">Ends the waits.</param>
    public Duel(HttpClient http, ICluster cluster, ApiServerAge age, string ns, bool throughPort, CancellationToken stop)
    {
        (this.http, this.ns, this.throughPort, this.stop) = (http, ns, throughPort, stop);
        real = new RealSide(http, cluster, stop);
        fake = new FakeSide(new FakeApiServer(clock, age));
        origin = fake.Server.ResourceVersion;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <exception cref="DifferenceException">The two did not agree.</exception>
    public async Task RunAsync(ImmutableArray<Step> steps)
    {
        clock.Now = ThisSecond();
        var creation = new Step { Verb = ApiVerb.Create, Kind = Kinds.Namespace, Manager = "kubectl-edit" };
        await PlayAsync(creation);
        var since = (await real.LookAsync(Kinds.Namespace, "", ns)).Body.MapOf("metadata").TextOf("resourceVersion");
        var isAboutNamespaces = false;
        foreach (var step in steps)
        {
            isAboutNamespaces |= !step.Kind.Namespaced;
            await PlayAsync(step);
        }
        foreach (var kind in steps.Select(step => step.Kind).Where(kind => kind.Namespaced).Distinct())
        {
            await CompareListsAsync(kind);
            if (!isAboutNamespaces)
                await CompareWatchesAsync(kind, since);
        }
        await real.SendAsync(new ApiRequest(ApiVerb.Delete, Kinds.Namespace, "", ns));
    }

    private async Task PlayAsync(Step step)
    {
        if (step.IsPause)
        {
            var second = ThisSecond();
            while (ThisSecond() == second)
                await Task.Delay(20, stop);
            return;
        }
        var place = step.Namespace == 0 ? ns : ns + Missing;
        var before = ThisSecond();
        try
        {
            await PlayAsync(step, place, before);
        }
        catch (DifferenceException) when (ThisSecond() != before)
        {
            throw new UncertainTimeException();
        }
    }

    private async Task PlayAsync(Step step, string place, DateTimeOffset before)
    {
        var answer = await AnswerAsync(real, step, place);
        var (inside, name) = step.Kind.Namespaced ? (place, step.Name) : ("", place);
        var look = await real.LookAsync(step.Kind, inside, name);
        Catch(before, answer.Body, look.Body);
        var actual = await AnswerAsync(fake, step, place);
        Same("the answer", answer.Description, actual.Description);
        Same(step.Kind, inside, name, look, await fake.LookAsync(step.Kind, inside, name), "afterwards");
        if (await IsTerminatingAsync())
            await SettleAsync();
    }

    /// <summary>Sends a step, through the engine's port where the duel is about that.</summary>
    private async Task<(string Description, Json.Map Body)> AnswerAsync(Side side, Step step, string place)
    {
        var request = side.RequestFor(step, place);
        if (throughPort && step.Manager == Vocabulary.FieldManager && step.Kind.Namespaced && step.Force)
            return (side.Describe(await side.Cluster.SendAsync(WriteOf(request), stop)), Json.Empty);
        var response = await side.SendAsync(request);
        return (side.Describe(Steady(response), isWrite: true), response.Body);
    }

    private static Write WriteOf(ApiRequest request) => new(
        request.Verb switch
        {
            ApiVerb.Create => WriteVerb.Create,
            ApiVerb.Replace => WriteVerb.Replace,
            ApiVerb.Patch => WriteVerb.Patch,
            ApiVerb.Apply => WriteVerb.Apply,
            ApiVerb.Delete => WriteVerb.Delete,
            _ => throw new InvalidOperationException($"{request.Verb} is no write"),
        },
        request.Kind, request.Namespace, request.Name, (request.Body ?? Json.Empty).ToUtf8());

    private async Task CompareObjectAsync(Kind kind, string inside, string name) => Same(
        kind, inside, name, await real.LookAsync(kind, inside, name), await fake.LookAsync(kind, inside, name), "once the namespace controller has done its part");

    private void Same(Kind kind, string inside, string name, ApiResponse expected, ApiResponse actual, string when)
    {
        Same($"{kind.Name} {name} {when}", real.Describe(Steady(expected), isWrite: false), fake.Describe(Steady(actual), isWrite: false));
        if (!expected.Succeeded || (IsTerminating(expected.Body) && !kind.Namespaced))
            return;
        foreach (var withContent in new[] { false, true })
        {
            var snapshot = SnapshotReader.Read(expected.Body.ToUtf8(), kind, withContent);
            Same($"{name} as read {when}", real.Describe(snapshot), fake.Describe(fake.Server.Read(kind, inside, name, withContent)!));
        }
    }

    private async Task CompareListsAsync(Kind kind)
    {
        foreach (var scope in new[] { new ListScope(ns), new ListScope(ns, ScriptGenerator.Names[0]), new ListScope(null, ScriptGenerator.Names[1]) })
        {
            bool Keep(Snapshot snapshot) => snapshot.Namespace == ns && ScriptGenerator.Names.Contains(snapshot.Name);
            var expected = await real.Cluster.ListAsync(kind, scope, Keep, stop);
            var actual = await fake.Cluster.ListAsync(kind, scope, Keep, stop);
            Same($"the list {scope}", string.Join('\n', expected.Items.Select(real.Describe)), string.Join('\n', actual.Items.Select(fake.Describe)));
        }
    }

    /// <summary>Both watches begin where the script began, and end with an object that marks the end.</summary>
    private async Task CompareWatchesAsync(Kind kind, string since)
    {
        const string marker = "marker";
        var body = Json.Of(("metadata", Json.Of(("name", Json.Of(marker)))));
        if (kind.Name == "RoleBinding")
            body = body.With("roleRef", Json.Of(("kind", Json.Of("Role")), ("name", Json.Of("reader"))));
        var before = ThisSecond();
        var marked = await real.SendAsync(new ApiRequest(ApiVerb.Create, kind, ns, marker, body, "marker"));
        Catch(before, marked.Body);
        await fake.SendAsync(new ApiRequest(ApiVerb.Create, kind, ns, marker, body, "marker"));
        var expected = new List<string>();
        await foreach (var (type, snapshot) in RealLinesAsync(kind, since))
        {
            if (ScriptGenerator.Names.Contains(snapshot.Name))
                expected.Add($"{type} {real.Describe(snapshot)}");
            else if (snapshot.Name == marker)
                break;
        }
        var actual = new List<string>();
        var watch = fake.Server.Watch(kind, origin);
        while (watch.Take() is { } line)
        {
            var (type, snapshot) = line switch
            {
                WatchLine.Added added => ("ADDED", added.Object),
                WatchLine.Modified modified => ("MODIFIED", modified.Object),
                WatchLine.Deleted deleted => ("DELETED", deleted.Object),
                _ => throw new DifferenceException($"the fake's watch said {line}"),
            };
            if (ScriptGenerator.Names.Contains(snapshot.Name))
                actual.Add($"{type} {fake.Describe(snapshot)}");
        }
        Same("the watch", string.Join('\n', expected), string.Join('\n', actual));
    }

    private async IAsyncEnumerable<(string Type, Snapshot Object)> RealLinesAsync(Kind kind, string since)
    {
        using var message = new HttpRequestMessage(
            HttpMethod.Get, $"{kind.ApiPath}/namespaces/{ns}/{kind.Plural}?watch=true&timeoutSeconds=60&resourceVersion={since}");
        message.Headers.TryAddWithoutValidation("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var json = Json.Parse(document.RootElement.GetProperty("object").GetRawText()).ToUtf8();
            yield return (document.RootElement.GetProperty("type").GetString()!, SnapshotReader.Read(json, kind, withContent: false));
        }
        throw new DifferenceException("the real watch ended before the script's end");
    }

    private async Task<bool> IsTerminatingAsync() =>
        (await fake.SendAsync(new ApiRequest(ApiVerb.Get, Kinds.Namespace, "", ns))) is { Succeeded: true } found && IsTerminating(found.Body);

    private async Task SettleAsync()
    {
        await real.SettleAsync(ns);
        foreach (var kind in Kinds.All)
        {
            foreach (var item in (await real.SendAsync(new ApiRequest(ApiVerb.List, kind, ns, ""))).Body.ItemsOf("items").OfType<Json.Map>())
                Catch(clock.Now, item);
        }
        await fake.SettleAsync(ns);
        foreach (var kind in new[] { Kinds.Secret, Kinds.ConfigMap })
        {
            foreach (var name in ScriptGenerator.Names)
                await CompareObjectAsync(kind, ns, name);
        }
        await CompareObjectAsync(Kinds.Namespace, "", ns);
    }

    /// <summary>
    /// Of a namespace that is being deleted only this much is compared: the controller writes conditions, and when it does is its own affair.
    /// </summary>
    private static ApiResponse Steady(ApiResponse response) => response.Succeeded && IsTerminating(response.Body) && response.Body.TextOf("kind") == "Namespace"
        ? response with
        {
            Body = Json.Of(
                ("kind", Json.Of("Namespace")),
                ("metadata", Json.Of(("name", response.Body.MapOf("metadata")["name"]), ("uid", response.Body.MapOf("metadata")["uid"]))),
                ("status", Json.Of(("phase", response.Body.MapOf("status")["phase"])))),
        }
        : response;

    private static bool IsTerminating(Json.Map body) => body.MapOf("metadata")["deletionTimestamp"] is not null;

    /// <summary>
    /// Puts the fake's clock where the real one stood when the step was carried out: the second before it, or a later one that the step left on the object.
    /// </summary>
    private void Catch(DateTimeOffset before, params ReadOnlySpan<Json.Map> bodies)
    {
        clock.Now = before > clock.Now ? before : clock.Now;
        foreach (var metadata in bodies.ToArray().Select(body => body.MapOf("metadata")))
        {
            var times = metadata.ItemsOf("managedFields").OfType<Json.Map>().Select(entry => entry.TextOf("time"))
                .Append(metadata.TextOf("creationTimestamp")).Append(metadata.TextOf("deletionTimestamp"));
            foreach (var time in times.Where(time => time.Length > 0).Select(time => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)))
                clock.Now = time > clock.Now ? time : clock.Now;
        }
    }

    private static DateTimeOffset ThisSecond() => DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private static void Same(string what, string real, string fake)
    {
        if (!string.Equals(real, fake, StringComparison.Ordinal))
            throw new DifferenceException($"{what}:\n  real {real}\n  fake {fake}");
    }
}
