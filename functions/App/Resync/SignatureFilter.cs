using System.Security.Cryptography;
using System.Text;
using Heliograph.Functions.Entra;
using Microsoft.AspNetCore.Http.Features;

namespace Heliograph.Functions.Resync;

/// <summary>
/// Lets callers through that sign their request with the webhook's secret as GitHub does (<c>X-Hub-Signature-256</c>) or show it as GitLab does
/// (<c>X-Gitlab-Token</c>). Whoever does neither needs what every other door needs. A signature that is there and wrong opens nothing, key or not.
/// </summary>
internal sealed class SignatureFilter(FunctionsSettings settings, EntraTokens? tokens = null) : IEndpointFilter
{
    public const string Signature = "X-Hub-Signature-256";
    public const string Token = "X-Gitlab-Token";

    /// <summary>GitHub sends no more.</summary>
    private const int MostBody = 25 * 1024 * 1024;
    private const string Algorithm = "sha256=";

    private readonly KeyFilter key = new(settings, tokens);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var (signature, token) = (request.Headers[Signature].FirstOrDefault(), request.Headers[Token].FirstOrDefault());
        if (signature is null && token is null)
            return await key.InvokeAsync(context, next);
        if (settings.WebhookSecret is not { } secret)
            return Refused($"signed requests are not taken here: the setting {FunctionsSettings.WebhookSecretIs.Name} is not set");
        if (secret.Current() is not { } current)
            return Results.Text("the webhook's secret cannot be read; try again later\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        try
        {
            return (signature is null || await SignsAsync(request, signature, current)) && (token is null || secret.Matches(token))
                ? await next(context)
                : Refused("the signature is not by this webhook's secret");
        }
        catch (BadHttpRequestException e)
        {
            return Results.Text("the body is too large, or did not come to its end\n", statusCode: e.StatusCode);
        }
    }

    private static async Task<bool> SignsAsync(HttpRequest request, string signature, string secret)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MostBody;
        var expected = await HMACSHA256.HashDataAsync(Encoding.UTF8.GetBytes(secret), request.Body, request.HttpContext.RequestAborted);
        return signature.StartsWith(Algorithm, StringComparison.Ordinal) && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected)), Encoding.ASCII.GetBytes(signature[Algorithm.Length..]));
    }

    private static IResult Refused(string why) => Results.Text(why + "\n", statusCode: StatusCodes.Status401Unauthorized);
}
