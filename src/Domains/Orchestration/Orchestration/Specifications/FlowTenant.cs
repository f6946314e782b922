namespace MaestroBus.Orchestration;

static class FlowTenant
{
    public const string Rule = "Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.";
}
