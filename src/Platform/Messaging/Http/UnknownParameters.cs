namespace Maestro.Bus.Messaging;

/// <summary>Says that unknown parameters of a query are ignored instead of refused.</summary>
sealed class UnknownParameters
{
    public static readonly UnknownParameters Ignored = new();
}
