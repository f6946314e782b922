namespace MaestroBus.Admin.Api;

/// <summary>What a caller may do. Each role includes the ones before it.</summary>
public enum AdminRole
{
    /// <summary>Look at everything.</summary>
    Reader,

    /// <summary>Act: retry, pause, cancel and the like.</summary>
    Operator,

    /// <summary>Destroy for good, and change settings.</summary>
    Admin,
}
