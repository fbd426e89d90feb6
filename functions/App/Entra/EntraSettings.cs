using System.Collections.Immutable;
using Heliograph.Hosting;

namespace Heliograph.Functions.Entra;

/// <summary>Whose tokens open the doors: one tenant of Microsoft Entra ID, one audience, and one role for each kind of caller.</summary>
internal sealed record EntraSettings(string Tenant, ImmutableArray<string> Audiences, Uri Authority, string EventsRole, string CallersRole)
{
    public static readonly Setting TenantIs = new(
        "Entra__TenantId", "The tenant of Microsoft Entra ID whose tokens are taken beside the key: Event Grid's to a secured webhook, and callers'.", "none: no tokens are taken");

    public static readonly Setting AudienceIs = new(
        "Entra__Audience", "For whom tokens must be: the application (client) id of this application, or its URI; a comma list.", "none: it must be set where Entra__TenantId is");

    public static readonly Setting AuthorityIs = new(
        "Entra__Authority", "Where the tenant's signing keys are told, if not in the public cloud.", "https://login.microsoftonline.com/{tenant}/v2.0");

    public static readonly Setting EventsRoleIs = new(
        "Entra__EventsRole", "The role a token must have to deliver events.", "AzureEventGridSecureWebhookSubscriber");

    public static readonly Setting CallersRoleIs = new(
        "Entra__CallersRole", "The role a token must have for everything else: resync, explain.", "Heliograph.Caller");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [TenantIs, AudienceIs, AuthorityIs, EventsRoleIs, CallersRoleIs];

    /// <summary>Reads the settings; null where no tokens are taken.</summary>
    public static EntraSettings? Read(SettingsReader settings)
    {
        if (settings.Text(TenantIs) is not { } tenant)
            return null;
        ImmutableArray<string> audiences = [.. (settings.Text(AudienceIs) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (audiences.IsEmpty)
            settings.Report(AudienceIs, $"must be set, because {TenantIs.Name} is: a token for anybody else must open nothing");
        return new EntraSettings(
            tenant,
            audiences,
            settings.Value<Uri>(AuthorityIs, SafeAddress.TryParse, "an https address", new Uri($"https://login.microsoftonline.com/{Uri.EscapeDataString(tenant)}/v2.0"))!,
            settings.Text(EventsRoleIs) ?? EventsRoleIs.Default,
            settings.Text(CallersRoleIs) ?? CallersRoleIs.Default);
    }
}
