using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Heliograph.Functions.Entra;

/// <summary>What a token is worth.</summary>
internal enum TokenVerdict
{
    /// <summary>It opens the door.</summary>
    Good,

    /// <summary>It is none of ours, or not any more.</summary>
    Bad,

    /// <summary>It is good, and its bearer has not the role.</summary>
    WithoutRole,

    /// <summary>It cannot be told now: the signing keys cannot be had, or this one is not among them yet.</summary>
    Unknown,
}

/// <summary>
/// Judges tokens of Microsoft Entra ID: signature, issuer, audience, time, role. The signing keys are fetched when the first token comes, and again when one is
/// signed with a key that is not known.
/// </summary>
internal sealed partial class EntraTokens
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Asymmetric ones alone: with any other, the public key would sign.</summary>
    private static readonly string[] Algorithms =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly EntraSettings settings;
    private readonly ILogger logger;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> authority;
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };

    public EntraTokens(EntraSettings settings, ILogger<EntraTokens> logger)
    {
        this.settings = settings;
        this.logger = logger;
        authority = new ConfigurationManager<OpenIdConnectConfiguration>(
            settings.Authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = !settings.Authority.IsLoopback });
    }

    /// <summary>Whether a text has the form of a token rather than that of a key.</summary>
    public static bool IsToken(string text) => text.Count(character => character == '.') == 2 && text.StartsWith("eyJ", StringComparison.Ordinal);

    /// <summary>Judges a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="role">The role that its bearer must have.</param>
    /// <param name="cancellation">Ends the wait for the signing keys.</param>
    public async Task<TokenVerdict> JudgeAsync(string token, string role, CancellationToken cancellation)
    {
        if (await KeysAsync(cancellation) is not { } configuration)
            return TokenVerdict.Unknown;
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            // Tokens of the older form have another issuer, of the same tenant and signed with the same keys.
            ValidIssuers = [configuration.Issuer.Replace("{tenantid}", settings.Tenant, StringComparison.OrdinalIgnoreCase), $"https://sts.windows.net/{settings.Tenant}/"],
            ValidAudiences = settings.Audiences,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = Algorithms,
        });
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            authority.RequestRefresh();
            return TokenVerdict.Unknown;
        }
        if (!result.IsValid)
        {
            // Its name says what is wrong; its message may hold what the token says.
            Refused(result.Exception?.GetType().Name ?? "invalid");
            return TokenVerdict.Bad;
        }
        return result.ClaimsIdentity.HasClaim("roles", role) ? TokenVerdict.Good : TokenVerdict.WithoutRole;
    }

    private async Task<OpenIdConnectConfiguration?> KeysAsync(CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(FetchTimeout);
        try
        {
            return await authority.GetConfigurationAsync(limited.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            NoKeys(settings.Authority, EntraSettings.AuthorityIs.Name, EntraSettings.TenantIs.Name);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "a token is refused: {Why}")]
    private partial void Refused(string why);

    [LoggerMessage(LogLevel.Error, "no token can be judged: the signing keys cannot be had from {Authority}; see the settings {AuthoritySetting} and {TenantSetting}")]
    private partial void NoKeys(Uri authority, string authoritySetting, string tenantSetting);
}
