using System.Security.Authentication;

namespace Maestro.Bus.Messaging;

/// <summary>A check of the other side's certificate failed. The message says which, and what to do.</summary>
sealed class CertificateRefusedException(string message) : AuthenticationException(message);
