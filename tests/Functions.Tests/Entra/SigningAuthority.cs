using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Heliograph.Functions.Tests.Entra;

/// <summary>A tenant's authority on loopback: it tells its signing keys as Entra ID does, and signs what it is told to.</summary>
internal sealed class SigningAuthority : IAsyncDisposable
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string Audience = "api://heliograph";

    private readonly WebApplication app;
    private readonly RsaSecurityKey key = NewKey();

    private SigningAuthority(WebApplication app) => this.app = app;

    /// <summary>A key that it tells nobody.</summary>
    public RsaSecurityKey OtherKey { get; } = NewKey();

    /// <summary>Whether it answers at all.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int Asked { get; private set; }

    public string Address => app.Urls.First() + "/" + Tenant;

    public string Issuer => Address + "/v2.0";

    public static async Task<SigningAuthority> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var authority = new SigningAuthority(builder.Build());
        authority.app.Run(authority.AnswerAsync);
        await authority.app.StartAsync(TestApp.Cancellation);
        return authority;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>A token; what is not said is right.</summary>
    public string Token(
        string role, string? audience = null, string? issuer = null, DateTime? expires = null, DateTime? from = null, SecurityKey? by = null, string? algorithm = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience ?? Audience,
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            NotBefore = from,
            Subject = new ClaimsIdentity([new Claim("roles", role), new Claim("roles", "Other")]),
            SigningCredentials = new SigningCredentials(by ?? key, algorithm ?? SecurityAlgorithms.RsaSha256),
        });

    /// <summary>What somebody would sign who knows nothing but the public key.</summary>
    public string TokenSignedWithThePublicKey(string role) => Token(
        role, by: new SymmetricSecurityKey(key.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = key.KeyId }, algorithm: SecurityAlgorithms.HmacSha256);

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private Task AnswerAsync(HttpContext context)
    {
        if (IsAway)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
        context.Response.ContentType = "application/json";
        if (context.Request.Path.Value!.EndsWith("/openid-configuration", StringComparison.Ordinal))
            return context.Response.WriteAsync($$"""{"issuer":"{{Issuer}}","jwks_uri":"{{Address}}/keys"}""");
        Asked++;
        var told = key.Rsa.ExportParameters(includePrivateParameters: false);
        return context.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{key.KeyId}}","n":"{{Base64UrlEncoder.Encode(told.Modulus)}}","e":"{{Base64UrlEncoder.Encode(told.Exponent)}}"}]}""");
    }
}
