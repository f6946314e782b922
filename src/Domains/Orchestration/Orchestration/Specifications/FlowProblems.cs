namespace MaestroBus.Orchestration;

/// <summary>
/// What is wrong with a document, each with its place as a JSON path. A document can be wrong in more ways than anybody would read.
/// </summary>
sealed class FlowProblems
{
    const int Most = 50;
    const int LongestPath = 300;
    const int LongestMessage = 1000;

    readonly List<(string Path, string Message)> _problems = [];

    /// <summary>The first problems, at most 51.</summary>
    public IReadOnlyList<(string Path, string Message)> All => _problems;

    public void Add(string path, string message)
    {
        if (_problems.Count < Most)
            _problems.Add((StorableText.Cut(path, LongestPath), StorableText.Cut(message, LongestMessage)));
        else if (_problems.Count == Most)
            _problems.Add(("$", "There are more problems than are listed. Correct these first."));
    }

    /// <summary>The problems as <c>application/problem+json</c> lists them.</summary>
    public Dictionary<string, string[]> ToDictionary() =>
        _problems.GroupBy(problem => problem.Path)
            .ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray());
}
