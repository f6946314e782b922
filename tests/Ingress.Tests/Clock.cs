using System.Globalization;

namespace MaestroBus.Ingress.Tests;

/// <summary>Tells a fixed time; timers keep running.</summary>
sealed class Clock : TimeProvider
{
    public static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-02T10:00:00Z", CultureInfo.InvariantCulture);

    public override DateTimeOffset GetUtcNow() => Now;
}
