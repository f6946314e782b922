using System.Diagnostics;

namespace Maestro.Bus.Suspects.Chaos;

/// <summary>Something to do.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Kind"><c>work</c>, or what it does to its process: <c>kill</c>, or <c>allocate</c> until that is dead.</param>
public sealed record Work(int Number, int Milliseconds, string Kind);

/// <summary>Does it, and notes what was begun and what was done.</summary>
public sealed class WorkConsumer(WorkNotes notes) : IConsumer<Work>
{
    public async Task Consume(ConsumeContext<Work> context)
    {
        var (number, milliseconds, kind) = context.Message;
        notes.Begun.Add(number);
        if (kind != "work" && !notes.IsHealed)
            End(kind);

        await Task.Delay(milliseconds, context.CancellationToken);
        notes.Done.Add(number);
    }

    static void End(string kind)
    {
        if (kind == "kill")
            Process.GetCurrentProcess().Kill();

        List<byte[]> hoard = [];
        try
        {
            while (true)
                hoard.Add(new byte[1 << 20]);
        }
        catch (OutOfMemoryException exception)
        {
            // Thrown in a consumer, it would be a failure like any other; thrown in a thread that nobody watches, it ends the process. The
            // text needs room, or it would be thrown again.
            var size = hoard.Count;
            hoard.Clear();
            Environment.FailFast($"Out of memory after {size} MiB.", exception);
        }
    }
}
