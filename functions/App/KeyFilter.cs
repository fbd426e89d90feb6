using Heliograph.Functions.Entra;
using Heliograph.Functions.Events;
using Heliograph.Hosting;

namespace Heliograph.Functions;

/// <summary>
/// Lets only callers through who present the key: in the header that Azure Functions uses, as a bearer token, or as the query parameter
/// <c>code</c>; or a token of Microsoft Entra ID with the role for this door. Where the key itself, or the authority's signing keys cannot be had, nobody
/// passes, and the answer says "later" so that no bus drops its events.
/// </summary>
internal sealed class KeyFilter(FunctionsSettings settings, EntraTokens? tokens = null) : IEndpointFilter
{
    /// <summary>The query parameter that may carry the key.</summary>
    public const string QueryParameter = "code";

    private const string Bearer = "Bearer ";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (tokens is not null && BearerOf(request) is { } token && EntraTokens.IsToken(token))
        {
            var verdict = await tokens.JudgeAsync(token, RoleFor(request), request.HttpContext.RequestAborted);
            return verdict == TokenVerdict.Good ? await next(context) : Refuse(request, verdict);
        }
        if (settings.SharedKey.Current() is null)
            return Results.Text("the key of this server cannot be read; try again later\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        return settings.SharedKey.Matches(Presented(request))
            ? await next(context)
            : Results.Text($"present the key in the header {SharedKey.HeaderName}\n", statusCode: Refusal(request, StatusCodes.Status401Unauthorized));
    }

    private string RoleFor(HttpRequest request) =>
        request.Path.StartsWithSegments(EventsEndpoint.Path, StringComparison.OrdinalIgnoreCase) ? settings.Entra!.EventsRole : settings.Entra!.CallersRole;

    private IResult Refuse(HttpRequest request, TokenVerdict verdict) => verdict switch
    {
        TokenVerdict.Unknown => Results.Text("the token cannot be judged now; try again later\n", statusCode: StatusCodes.Status503ServiceUnavailable),
        TokenVerdict.WithoutRole => Results.Text(
            $"the token has not the role {RoleFor(request)}\n", statusCode: Refusal(request, StatusCodes.Status403Forbidden)),
        _ => Results.Text(
            $"the token is not by the tenant of {EntraSettings.TenantIs.Name}, not for {EntraSettings.AudienceIs.Name}, or not valid now\n",
            statusCode: Refusal(request, StatusCodes.Status401Unauthorized)),
    };

    /// <summary>Event Grid drops for ever what a webhook answers 401 or 403 to, and what is wrong between the two is put right by somebody sooner or later.</summary>
    private static int Refusal(HttpRequest request, int status) =>
        request.Headers.ContainsKey(EventGridSchema.EventTypeHeader) ? StatusCodes.Status503ServiceUnavailable : status;

    private static string? Presented(HttpRequest request) =>
        request.Headers[SharedKey.HeaderName].FirstOrDefault() ?? BearerOf(request) ?? request.Query[QueryParameter].FirstOrDefault();

    private static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization.FirstOrDefault() is { } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;
}
