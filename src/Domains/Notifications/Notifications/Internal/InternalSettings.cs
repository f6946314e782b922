using System.ComponentModel.DataAnnotations;

namespace MaestroBus.Notifications;

/// <summary>The settings of the section <c>Bus:Notifications:Internal</c>.</summary>
public sealed class InternalSettings
{
    /// <summary>How many notifications are kept in memory for each tenant; the oldest go first.</summary>
    /// <value>The default is 1000.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int PerTenant { get; set; } = 1_000;

    /// <summary>For how many tenants notifications are kept; the tenant that has been quiet for the longest time goes first.</summary>
    /// <value>The default is 200.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int Tenants { get; set; } = 200;
}
