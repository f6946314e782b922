using Microsoft.Extensions.Hosting;

namespace MaestroBus.Testing;

/// <summary>Has a test's host find services with a shorter life than those that use them, as a host in Development does.</summary>
public static class ScopeValidation
{
    /// <summary>Switches the validation of scopes on.</summary>
    /// <param name="builder">The host's builder.</param>
    public static void ValidateScopes(this IHostApplicationBuilder builder) =>
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateScopes = true }));
}
