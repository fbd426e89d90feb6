using Heliograph.Functions.Events;
using Heliograph.Hosting;

namespace Heliograph.Functions;

/// <summary>
/// Lets only callers through who present the key: in the header that Azure Functions uses, as a bearer token, or as the query parameter
/// <c>code</c>. Where the key itself cannot be read, nobody passes, and the answer says "later" so that no bus drops its events.
/// </summary>
internal sealed class KeyFilter(FunctionsSettings settings) : IEndpointFilter
{
    /// <summary>The query parameter that may carry the key.</summary>
    public const string QueryParameter = "code";

    private const string Bearer = "Bearer ";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (settings.SharedKey.Current() is null)
            return Results.Text("the key of this server cannot be read; try again later\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        return settings.SharedKey.Matches(Presented(context.HttpContext.Request))
            ? await next(context)
            : Results.Text($"present the key in the header {SharedKey.HeaderName}\n", statusCode: Refusal(context.HttpContext.Request));
    }

    /// <summary>Event Grid drops for ever what a webhook answers 401 to, and a wrong key is put right by somebody sooner or later.</summary>
    private static int Refusal(HttpRequest request) =>
        request.Headers.ContainsKey(EventGridSchema.EventTypeHeader) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers[SharedKey.HeaderName].FirstOrDefault() is { } key)
            return key;
        return request.Headers.Authorization.FirstOrDefault() is { } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : request.Query[QueryParameter].FirstOrDefault();
    }
}
