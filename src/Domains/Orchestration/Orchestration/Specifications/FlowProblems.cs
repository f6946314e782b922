namespace MaestroBus.Orchestration;

/// <summary>What is wrong with a document, each with its place as a JSON path.</summary>
sealed class FlowProblems
{
    readonly List<(string Path, string Message)> _problems = [];

    public IReadOnlyList<(string Path, string Message)> All => _problems;

    public void Add(string path, string message) => _problems.Add((path, message));

    /// <summary>The problems as <c>application/problem+json</c> lists them.</summary>
    public Dictionary<string, string[]> ToDictionary() =>
        _problems.GroupBy(problem => problem.Path).ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray());
}
