using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of the section <c>Bus:Data</c>.</summary>
public sealed class DataSettings
{
    internal const string Section = "Data";

    /// <summary>
    /// The folder that the host keeps its own files in, relative to the content root. It is created if it does not exist, for the host's
    /// user only (0700).
    /// </summary>
    /// <value>The default is <c>data</c>.</value>
    [Required(ErrorMessage = "Name a folder, such as data.")]
    public string Folder { get; set; } = "data";
}
