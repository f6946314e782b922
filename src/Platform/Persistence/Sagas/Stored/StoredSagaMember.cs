using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Maestro.Bus.Persistence;

/// <summary>
/// A member of a saga, or of an object in it, that a query compares: where it is in the JSON, and its type, without null.
/// </summary>
sealed record StoredSagaMember(IReadOnlyList<string> Path, Type Type, bool IsNullable, bool IsId)
{
    /// <summary>Finds the member that an expression reads, or null if it reads none, or one that is not kept as it is.</summary>
    public static StoredSagaMember? Of(Expression expression, ParameterExpression saga)
    {
        var members = new Stack<MemberInfo>();
        var inner = Stripped(expression);
        while (inner is MemberExpression { Expression: { } next } member)
        {
            if (Nullable.GetUnderlyingType(next.Type) is null)
                members.Push(member.Member);
            else if (member.Member.Name != nameof(Nullable<int>.Value))
                return null;
            inner = Stripped(next);
        }

        if (inner != saga || members.Count == 0)
            return null;

        var type = saga.Type;
        List<string> path = [];
        foreach (var member in members)
        {
            if (Property(type, member) is not { CustomConverter: null } property || property.Name.Contains('"'))
                return null;
            path.Add(property.Name);
            type = property.PropertyType;
        }

        return new StoredSagaMember(
            path, Nullable.GetUnderlyingType(type) ?? type, Nullable.GetUnderlyingType(type) is not null,
            members.Count == 1 && members.Peek().Name == nameof(ISaga.CorrelationId));
    }

    /// <summary>Whether an expression has a value without a saga.</summary>
    public static bool IsValue(Expression expression, ParameterExpression saga)
    {
        var search = new ParameterSearch(saga);
        search.Visit(expression);
        return !search.IsFound;
    }

    /// <summary>The value of such an expression.</summary>
    public static object? Value(Expression expression) =>
        Expression.Lambda<Func<object?>>(Expression.Convert(Stripped(expression), typeof(object))).Compile(preferInterpretation: true)();

    /// <summary>The JSON of a value of the member, or null if values of this kind are not compared by their JSON.</summary>
    public JsonElement? Json(object value)
    {
        var isInteger = System.Type.GetTypeCode(Type) is >= TypeCode.SByte and <= TypeCode.Int64 && Type != typeof(ulong);
        if (!isInteger && Type != typeof(string) && Type != typeof(Guid) && Type != typeof(bool))
            return null;

        var typed = Type.IsEnum ? Enum.ToObject(Type, value)
            : isInteger && value.GetType() != Type ? Integer(value)
            : value;
        return typed?.GetType() == Type ? JsonSerializer.SerializeToElement(typed, Type, StoredSagaJson.Options) : null;
    }

    /// <summary>Whether a value is what a new property has in an instance that was stored before.</summary>
    public bool IsDefault(object value) =>
        Type.IsValueType && !IsNullable && Json(value) is { } json && json.GetRawText() == Json(Default)!.Value.GetRawText();

    /// <summary>Whether a comparison is true of that value.</summary>
    public bool IsDefaultWithin(ExpressionType comparison, object value)
    {
        if (IsNullable)
            return false;

        var order = 0L.CompareTo(Convert.ToInt64(value, CultureInfo.InvariantCulture));
        return comparison switch
        {
            ExpressionType.LessThan => order < 0,
            ExpressionType.LessThanOrEqual => order <= 0,
            ExpressionType.GreaterThan => order > 0,
            _ => order >= 0,
        };
    }

    object Default => Activator.CreateInstance(Type)!;

    object? Integer(object value)
    {
        try
        {
            return Convert.ChangeType(value, Type, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is OverflowException or InvalidCastException)
        {
            // No instance can have the value: the comparison is left to the match.
            return null;
        }
    }

    static Expression Stripped(Expression expression) =>
        expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked, Operand: var operand }
            ? Stripped(operand)
            : expression;

    static JsonPropertyInfo? Property(Type type, MemberInfo member) =>
        StoredSagaJson.Options.GetTypeInfo(type).Properties.FirstOrDefault(property =>
            property is { Get: not null, AttributeProvider: MemberInfo known } && known.Name == member.Name);

    sealed class ParameterSearch(ParameterExpression parameter) : ExpressionVisitor
    {
        public bool IsFound { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            IsFound |= node == parameter;
            return node;
        }
    }
}
