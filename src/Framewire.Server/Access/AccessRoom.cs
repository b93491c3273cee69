using Microsoft.Extensions.DependencyInjection;

namespace Framewire.Server.Access;

/// <summary>Puts the room together. Called while the host is built.</summary>
internal static class AccessRoom
{
    /// <summary>Registers who knows whom, who is logged in, and what an address may do.</summary>
    public static void AddAccess(this IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<AccessControl>();
        services.AddSingleton<LoginBook>();
        services.AddSingleton<AddressLimits>();
    }
}
