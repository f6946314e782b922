namespace MaestroBus.Quickstart;

/// <summary>Something did not go as it should; the message says what, and ends the program.</summary>
sealed class QuickstartException(string message) : Exception(message);
