using System.Globalization;
using System.Text.Json;

namespace MaestroBus.Quickstart;

/// <summary>What the program prints.</summary>
static class Screen
{
    public static void Step(string text) => Console.WriteLine($"{Environment.NewLine}== {text}");

    public static void Line(string text) => Console.WriteLine($"    {text}");

    public static void Journey(IReadOnlyList<JsonElement> hops)
    {
        var start = hops[0].GetProperty("startedAt").GetDateTimeOffset();
        Line($"{"after",9}  {"took",9}  {"queue",-20}  {"message",-18}  handled by");

        foreach (var hop in hops)
        {
            var after = hop.GetProperty("startedAt").GetDateTimeOffset() - start;
            var took = TimeSpan.Parse(hop.GetProperty("duration").GetString()!, CultureInfo.InvariantCulture);
            Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{after.TotalMilliseconds,6:0.0} ms  {took.TotalMilliseconds,6:0.0} ms  {hop.GetProperty("queue"),-20}  "
                    + $"{hop.GetProperty("messageType"),-18}  {hop.GetProperty("consumer")}"));
        }
    }
}
