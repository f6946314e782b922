namespace Maestro.Bus.Riders;

/// <summary>Marks what a plug-in shows consumers of a record, as a payload of their context.</summary>
public interface IRecordView;

/// <summary>Whether a type can be a view: contexts are asked for payloads of many types, several times for each record.</summary>
static class RecordView<T>
{
    public static readonly bool IsPossible = typeof(IRecordView).IsAssignableFrom(typeof(T));
}
