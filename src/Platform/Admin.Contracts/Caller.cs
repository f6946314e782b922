namespace Maestro.Bus.Admin.Contracts;

/// <summary>Who the administration takes a caller for.</summary>
/// <param name="Name">The name of the caller's key, or the subject of its token.</param>
/// <param name="Role"><c>reader</c>, <c>operator</c> or <c>admin</c>: what the caller may do.</param>
public sealed record Caller(string Name, string Role);
