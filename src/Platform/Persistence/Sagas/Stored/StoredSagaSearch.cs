using System.Collections;
using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>What a query on stored sagas asks the database, which may find more than the query: what it finds is matched again.</summary>
/// <param name="Condition">The condition on a row, in the database's language.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Matches">The query itself.</param>
sealed record StoredSagaSearch<TSaga>(string Condition, IReadOnlyList<(string Name, object? Value)> Parameters, Func<TSaga, bool> Matches)
    where TSaga : class, ISaga;

/// <summary>
/// Translates queries on sagas into conditions on their JSON: comparisons of the saga's members, which are texts, GUIDs, Booleans,
/// integers or enums, with values, joined by and and or. A part beside these that cannot be translated is left to the match.
/// </summary>
static class StoredSagaSearch
{
    /// <exception cref="NotSupportedException">Nothing of the query can be translated, so that all instances would be read.</exception>
    public static StoredSagaSearch<TSaga> Of<TSaga>(ISagaQuery<TSaga> query, DatabaseProvider provider)
        where TSaga : class, ISaga
    {
        var filter = query.FilterExpression;
        var translation = new Translation(filter.Parameters[0], StoredSagaColumns.For(provider));
        var condition = translation.Condition(filter.Body)
            ?? throw new NotSupportedException(
                $"The saga {TypeCache<TSaga>.ShortName} is stored as JSON in the bus's database, and its query '{filter}' cannot be "
                + "asked there. Have it compare a property of the saga, which is a string, Guid, bool, integer or enum, with a "
                + "value by ==, "
                + "or keep the saga in a table of its own: give the domain's context a DbSet of it, or call EntityFrameworkRepository.");
        return new StoredSagaSearch<TSaga>(condition, translation.Parameters, query.GetFilter());
    }

    sealed class Translation(ParameterExpression saga, StoredSagaColumns columns)
    {
        readonly List<(string Name, object? Value)> _parameters = [];

        public IReadOnlyList<(string Name, object? Value)> Parameters => _parameters;

        /// <summary>Returns a condition that is true wherever the expression is, or null if there is none.</summary>
        public string? Condition(Expression expression) => expression switch
        {
            BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both =>
                And(Condition(both.Left), Condition(both.Right)),
            BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either =>
                Or(Condition(either.Left), Condition(either.Right)),
            BinaryExpression comparison => Comparison(comparison.NodeType, comparison.Left, comparison.Right),
            UnaryExpression { NodeType: ExpressionType.Not, Operand: var operand } => Truth(operand, false),
            MethodCallExpression { Method.Name: nameof(Equals), Object: { } left, Arguments: [var right] } =>
                Comparison(ExpressionType.Equal, left, right),
            MethodCallExpression { Method.Name: nameof(Equals), Object: null, Arguments: [var left, var right] } =>
                Comparison(ExpressionType.Equal, left, right),
            MethodCallExpression { Method.Name: "Contains", Object: { } list, Arguments: [var item] } => Contains(list, item),
            MethodCallExpression { Method.Name: "Contains", Object: null, Arguments: [var list, var item, ..] } => Contains(list, item),
            _ => Truth(expression, true),
        };

        static string? And(string? left, string? right) => left is null ? right : right is null ? left : $"({left} AND {right})";

        static string? Or(string? left, string? right) => left is null || right is null ? null : $"({left} OR {right})";

        string? Truth(Expression expression, bool value)
        {
            if (expression is MemberExpression { Member.Name: nameof(Nullable<int>.HasValue), Expression: { } nullable }
                && Nullable.GetUnderlyingType(nullable.Type) is not null)
                return StoredSagaMember.Of(nullable, saga) is { } presence ? columns.IsNull(presence, Add, !value) : null;

            return StoredSagaMember.Of(expression, saga) is { Type: var type } member && type == typeof(bool)
                ? Compare(member, ExpressionType.Equal, value)
                : null;
        }

        string? Comparison(ExpressionType comparison, Expression left, Expression right)
        {
            if (StoredSagaMember.Of(left, saga) is { } member && StoredSagaMember.IsValue(right, saga))
                return Compare(member, comparison, StoredSagaMember.Value(right));
            if (StoredSagaMember.Of(right, saga) is { } other && StoredSagaMember.IsValue(left, saga))
                return Compare(other, Mirrored(comparison), StoredSagaMember.Value(left));
            return null;
        }

        string? Contains(Expression list, Expression item)
        {
            // An array's own Contains takes a span of it.
            var source = list is MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var array] } ? array : list;
            if (StoredSagaMember.Of(item, saga) is not { } member || !StoredSagaMember.IsValue(source, saga)
                || StoredSagaMember.Value(source) is not IEnumerable values)
                return null;

            var any = "1 = 0";
            foreach (var value in values)
                any = Or(any, Compare(member, ExpressionType.Equal, value));
            return any;
        }

        string? Compare(StoredSagaMember member, ExpressionType comparison, object? value)
        {
            if (value is null)
                return comparison is ExpressionType.Equal or ExpressionType.NotEqual
                    ? columns.IsNull(member, Add, comparison == ExpressionType.Equal)
                    : null;
            if (member.Json(value) is not { } json)
                return null;
            if (member.IsId)
                return comparison == ExpressionType.Equal ? $"id = {Add((Guid)value)}" : null;

            switch (comparison)
            {
                case ExpressionType.Equal:
                    var isEqual = $"{columns.Text(member, Add)} = {Add(columns.TextOf(json))}";
                    // Also an instance from before the class had the property.
                    return member.IsDefault(value) ? $"({isEqual} OR {columns.IsNull(member, Add, true)})" : isEqual;
                case ExpressionType.NotEqual:
                    return columns.IsDistinct(columns.Text(member, Add), Add(columns.TextOf(json)));
                case ExpressionType.LessThan or ExpressionType.LessThanOrEqual or ExpressionType.GreaterThan
                    or ExpressionType.GreaterThanOrEqual
                    when json.ValueKind == JsonValueKind.Number && !member.IsDefaultWithin(comparison, value):
                    return columns.Number(member, Add, $"{Sign(comparison)} {Add(json.GetInt64())}");
                default:
                    return null;
            }
        }

        string Add(object value)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"p{_parameters.Count}");
            _parameters.Add((name, value));
            return $"@{name}";
        }

        static string Sign(ExpressionType comparison) => comparison switch
        {
            ExpressionType.LessThan => "<",
            ExpressionType.LessThanOrEqual => "<=",
            ExpressionType.GreaterThan => ">",
            _ => ">=",
        };

        static ExpressionType Mirrored(ExpressionType comparison) => comparison switch
        {
            ExpressionType.LessThan => ExpressionType.GreaterThan,
            ExpressionType.LessThanOrEqual => ExpressionType.GreaterThanOrEqual,
            ExpressionType.GreaterThan => ExpressionType.LessThan,
            ExpressionType.GreaterThanOrEqual => ExpressionType.LessThanOrEqual,
            _ => comparison,
        };
    }
}
