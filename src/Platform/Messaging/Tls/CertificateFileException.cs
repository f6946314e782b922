namespace Maestro.Bus.Messaging;

/// <summary>A certificate's file cannot be used.</summary>
/// <param name="setting">The name of the setting that is wrong.</param>
/// <param name="held">What it holds, or <c>null</c> if it is not set.</param>
/// <param name="remedy">What is wrong with it, and what to do.</param>
/// <param name="innerException">What the reading threw, or <c>null</c>.</param>
sealed class CertificateFileException(string setting, string? held, string remedy, Exception? innerException = null)
    : Exception(held is null ? $"{setting} is not set. {remedy}" : $"{setting} is '{held}'. {remedy}", innerException)
{
    public string Setting => setting;

    public string? Held => held;

    public string Remedy => remedy;
}
