using System.Buffers;
using System.Text.Json;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Cluster;

/// <summary>The question whether somebody may do something (<c>SubjectAccessReview</c>), and its answer. Nothing is stored by it.</summary>
internal static class AccessReview
{
    public static ApiRequest Request(AdmissionUser user, string verb, string group, string resource, string ns)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "authorization.k8s.io/v1");
            json.WriteString("kind", "SubjectAccessReview");
            json.WriteStartObject("spec");
            WriteUser(json, user);
            json.WriteStartObject("resourceAttributes");
            json.WriteString("namespace", ns);
            json.WriteString("verb", verb);
            json.WriteString("group", group);
            json.WriteString("version", "*");
            json.WriteString("resource", resource);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new ApiRequest
        {
            Method = HttpMethod.Post,
            Verb = "create",
            Kind = "SubjectAccessReview",
            Path = "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            Title = $"ask who may {verb} {resource} in {ns}",
            Body = body.WrittenMemory,
            ContentType = ApiRequest.Json,
        };
    }

    /// <summary>Reads the answer: what is not said is not allowed.</summary>
    /// <exception cref="JsonException">This is no answer.</exception>
    public static bool ReadAllowed(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var answer = JsonElement.ParseValue(ref reader);
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Object
            && status.TryGetProperty("allowed", out var allowed) && allowed.ValueKind == JsonValueKind.True
            && !(status.TryGetProperty("denied", out var denied) && denied.ValueKind == JsonValueKind.True);
    }

    private static void WriteUser(Utf8JsonWriter json, AdmissionUser user)
    {
        json.WriteString("user", user.Name);
        json.WriteString("uid", user.Uid);
        json.WriteStartArray("groups");
        foreach (var group in user.Groups)
            json.WriteStringValue(group);
        json.WriteEndArray();
        json.WriteStartObject("extra");
        foreach (var (key, values) in user.Extra)
        {
            json.WriteStartArray(key);
            foreach (var value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
