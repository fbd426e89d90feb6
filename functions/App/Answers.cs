using System.Globalization;

namespace Heliograph.Functions;

/// <summary>Answers that are text for people, or JSON where that is asked for.</summary>
internal static class Answers
{
    /// <summary>Whether the caller accepts JSON by name; a browser or curl, which accept anything, get text.</summary>
    public static bool WantsJson(HttpRequest request) => request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>JSON with a status.</summary>
    public static IResult Json(byte[] json, int statusCode) => new JsonAnswer(json, statusCode);

    /// <summary>Asks the caller to come again, when the API server said or else in a second.</summary>
    public static void RetryAfter(HttpResponse response, TimeSpan? wait) =>
        response.Headers.RetryAfter = Math.Ceiling((wait ?? TimeSpan.FromSeconds(1)).TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private sealed class JsonAnswer(byte[] json, int statusCode) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = statusCode;
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            await httpContext.Response.Body.WriteAsync(json, httpContext.RequestAborted);
        }
    }
}
