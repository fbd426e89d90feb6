using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Heliograph.Functions.Admission;

/// <summary>
/// <c>POST /api/admission</c>: the API server asks before it carries a request out (<c>AdmissionReview</c>, <c>admission.k8s.io/v1</c>). What is reviewed may
/// hold secrets: none of it is kept, logged or sent on. What is no review is answered 400, and what is too large 413.
/// </summary>
internal static class AdmissionEndpoint
{
    public const string Path = "/api/admission";

    /// <summary>The API server takes requests of 3 MB, and sends the object before and after.</summary>
    public const int MaxBody = 8 * 1024 * 1024;

    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.");

    /// <summary>What an API server waits where it does not say.</summary>
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(10);

    /// <summary>An API server waits no longer than this, whatever is configured.</summary>
    private static readonly TimeSpan MostTimeout = TimeSpan.FromSeconds(30);

    public static void Map(WebApplication app)
    {
        var endpoint = app.MapPost(Path, ReviewAsync);
        if (app.Services.GetRequiredService<FunctionsSettings>().Admission.RequiresKey)
            endpoint.AddEndpointFilter<KeyFilter>();
    }

    private static async Task<IResult> ReviewAsync(HttpContext context, Admissions admissions, CancellationToken cancellation)
    {
        byte[] body;
        try
        {
            body = await BodyOf(context, cancellation);
        }
        catch (BadHttpRequestException e)
        {
            return Results.Text(
                e.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"a review can have at most {MaxBody} bytes\n" : "the request did not come to its end\n", statusCode: e.StatusCode);
        }
        try
        {
            using var document = JsonDocument.Parse(body, Review.Options);
            return Review.Read(document.RootElement, out var problem) is { } review
                ? Answers.Json(ReviewAnswer.Encode(review.Uid, await admissions.JudgeAsync(review.Request, PatienceOf(context.Request), cancellation)), StatusCodes.Status200OK)
                : Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        }
        // Its message quotes the text.
        catch (JsonException)
        {
            return Results.Text("this is no JSON\n", statusCode: StatusCodes.Status400BadRequest);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private static async Task<byte[]> BodyOf(HttpContext context, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBody;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.ToArray();
        CryptographicOperations.ZeroMemory(buffer.GetBuffer());
        return body;
    }

    /// <summary>Somewhat less than the caller waits, so that he gets an answer that says what is wrong.</summary>
    private static TimeSpan PatienceOf(HttpRequest request)
    {
        var timeout = DurationOf(request.Query["timeout"].FirstOrDefault()) ?? UsualTimeout;
        return (timeout < MostTimeout ? timeout : MostTimeout) * 0.85;
    }

    /// <summary>Reads the durations that API servers write: <c>2s</c>, <c>1.5s</c>, <c>500ms</c>, <c>1m0s</c>.</summary>
    internal static TimeSpan? DurationOf(string? text)
    {
        var rest = text.AsSpan();
        var sum = TimeSpan.Zero;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(OfNumbers);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 3600)
                return null;
            rest = rest[digits..];
            var unit = rest.IndexOfAnyInRange('0', '9') is var next and >= 0 ? rest[..next] : rest;
            switch (unit)
            {
                case "ms": sum += TimeSpan.FromMilliseconds(number); break;
                case "s": sum += TimeSpan.FromSeconds(number); break;
                case "m": sum += TimeSpan.FromMinutes(number); break;
                default: return null;
            }
            rest = rest[unit.Length..];
        }
        return sum > TimeSpan.Zero ? sum : null;
    }
}
