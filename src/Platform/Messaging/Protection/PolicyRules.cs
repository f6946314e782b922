using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>Checks policies that are changed while the bus runs by the rules that hold for its settings.</summary>
static class PolicyRules
{
    /// <exception cref="ArgumentException">A rule is broken; the message lists all of them.</exception>
    public static void Check(QueuePolicy policy, string queue)
    {
        var problems = new SettingsProblems();
        ExceptionTypes.Of([.. policy.Retry.Never, .. policy.Retry.Only, .. policy.CircuitBreaker.Exceptions], queue, problems);
        Throw(
            queue,
            [
                .. new object[] { policy, policy.CircuitBreaker, policy.KillSwitch, policy.RateLimit }.SelectMany(Broken),
                .. problems.All,
            ]);
    }

    /// <exception cref="ArgumentException">A rule is broken; the message lists all of them.</exception>
    public static void Check(PublishLimitPolicy policy, string name) => Throw(name, [.. Broken(policy)]);

    static IEnumerable<string> Broken(object policy)
    {
        var broken = new List<ValidationResult>();
        Validator.TryValidateObject(policy, new ValidationContext(policy), broken, validateAllProperties: true);
        return broken.Select(result => $"{string.Join(", ", result.MemberNames)}: {result.ErrorMessage}");
    }

    static void Throw(string name, List<string> broken)
    {
        if (broken.Count > 0)
            throw new ArgumentException($"The policy of '{name}' cannot be changed so. {string.Join(" ", broken)}");
    }
}
