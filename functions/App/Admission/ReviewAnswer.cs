using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Admission;

/// <summary>An answer as the API server wants it.</summary>
internal static class ReviewAnswer
{
    /// <summary>Writes the answer to a review. What is neither allowed nor refused is a mistake of ours, and lets nothing pass.</summary>
    public static byte[] Encode(string uid, AdmissionAnswer answer) => JsonText.Object(json =>
    {
        json.WriteString("apiVersion", Review.ApiVersion);
        json.WriteString("kind", Review.Kind);
        json.WriteStartObject("response");
        json.WriteString("uid", uid);
        json.WriteBoolean("allowed", answer is AdmissionAnswer.Allowed);
        if (answer is AdmissionAnswer.Refused refused)
        {
            json.WriteStartObject("status");
            json.WriteString("status", "Failure");
            json.WriteString("message", refused.Message);
            json.WriteString("reason", refused.Reason);
            json.WriteNumber("code", refused.Code);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });
}
