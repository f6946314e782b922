using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Lays a configuration section over an object that holds the defaults. Unlike the framework's binder it finds every wrong value,
/// every unknown name and every violated rule in one pass.
/// </summary>
static class SettingsBinder
{
    const string Group = "a group of settings";
    const string SingleValue = "a single value";

    public static void Bind(IConfigurationSection section, object target, SettingsProblems problems, params IEnumerable<string> neighbours)
    {
        var properties = target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .ToList();

        foreach (var child in section.GetChildren())
        {
            if (properties.Find(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
                problems.AddUnknown(Moved(target.GetType(), child), child, $"{section.Path} knows", [.. properties.Select(known =>
                    known.Name).Concat(neighbours)]);
            else if (TryRead(child, property.PropertyType, property.GetValue(target), IsSecret(property), problems, out var value))
                property.SetValue(target, value);
        }

        if (!string.IsNullOrEmpty(section.Value))
            problems.Add(section.Path, SingleValue, $"Use {Group}.");

        Validate(section, target, properties, problems);
    }

    /// <summary>
    /// Finds the names in a section that its settings do not have, at every level, and leaves its values alone: for what is installed and
    /// not in use.
    /// </summary>
    public static void CheckNames(IConfigurationSection section, Type type, SettingsProblems problems)
    {
        if (ItemType(type, typeof(IDictionary<,>), 1) is { } entryType)
        {
            foreach (var child in section.GetChildren())
                CheckNames(child, entryType, problems);
            return;
        }

        if (Expected(Nullable.GetUnderlyingType(type) ?? type) != Group || ItemType(type, typeof(IList<>), 0) is not null)
            return;

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).ToList();
        foreach (var child in section.GetChildren())
        {
            if (properties.Find(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
                CheckNames(child, property.PropertyType, problems);
            else
                problems.AddUnknown(Moved(type, child), child, $"{section.Path} knows", [.. properties.Select(known => known.Name)]);
        }
    }

    static string? Moved(Type type, IConfigurationSection child) =>
        type.GetCustomAttributes<MovedSettingAttribute>().FirstOrDefault(moved => moved.Name.Equals(child.Key,
            StringComparison.OrdinalIgnoreCase)) is { } moved
            ? $"{child.Path} was the setting of earlier versions. Use {moved.Successor} instead."
            : null;

    // A value in the place of a group may be a secret that stands one level too high.
    static string HeldInstead(IConfigurationSection section, Type type) =>
        section.Value is null ? Group : Expected(type) == Group ? SingleValue : section.Value;

    static bool TryRead(
        IConfigurationSection section, Type type, object? current, bool secret, SettingsProblems problems, out object? value)
    {
        var scalar = Nullable.GetUnderlyingType(type) ?? type;

        if (section.Value is { } text && (scalar.IsValueType || scalar == typeof(string) || scalar == typeof(Uri)))
            return TryReadScalar(section, scalar, text, secret, problems, out value);

        if (!string.IsNullOrEmpty(section.Value) && ItemType(type, typeof(IList<>), 0) is not null)
        {
            value = null;
            problems.Add(section.Path, SingleValue, $"Use a list: {section.Path}:0, {section.Path}:1 and so on.");
            return false;
        }

        if (string.IsNullOrEmpty(section.Value) && ItemType(type, typeof(IDictionary<,>), 1) is { } entryType)
            value = ReadEntries(section, entryType, (IDictionary?)current, problems);
        else if (ItemType(type, typeof(IList<>), 0) is { } itemType)
            value = ReadItems(section, itemType, problems);
        else if (string.IsNullOrEmpty(section.Value) && !scalar.IsValueType && scalar != typeof(string))
            Bind(section, value = current ?? Activator.CreateInstance(type)!, problems);
        else
        {
            value = null;
            if (!string.IsNullOrEmpty(section.Value) || section.GetChildren().Any())
                problems.Add(section.Path, HeldInstead(section, scalar),
                    scalar.GetCustomAttribute<SingleValueRemedyAttribute>()?.Remedy ?? $"Use {Expected(scalar)}.");
            return false;
        }

        return true;
    }

    static bool TryReadScalar(
        IConfigurationSection section, Type type, string text, bool secret, SettingsProblems problems, out object? value)
    {
        value = null;

        if (type == typeof(string))
            value = text;
        else if (type == typeof(TimeSpan))
            value = Duration.TryParse(text, out var duration) ? duration : null;
        else if (type == typeof(Uri))
            value = Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;
        else if (type == typeof(DateTimeOffset))
            value = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        else if (type.IsEnum)
            value = Enum.TryParse(type, text, ignoreCase: true, out var member) && Enum.IsDefined(type, member!) ? member : null;
        else
        {
            try
            {
                value = TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException)
            {
                // The converter has no other way to say that it cannot read the text; the problem is noted below.
            }
        }

        if (value is null)
            problems.Add(section.Path, secret ? "(hidden)" : text, $"Use {Expected(type)}.");

        return value is not null;
    }

    static IDictionary ReadEntries(IConfigurationSection section, Type entryType, IDictionary? current, SettingsProblems problems)
    {
        var entries = (IDictionary)Activator.CreateInstance(
            typeof(Dictionary<,>).MakeGenericType(typeof(string), entryType), StringComparer.OrdinalIgnoreCase)!;

        foreach (DictionaryEntry entry in current ?? entries)
            entries[entry.Key] = entry.Value;

        foreach (var child in section.GetChildren())
        {
            if (TryRead(child, entryType, entries[child.Key], secret: false, problems, out var entry))
                entries[child.Key] = entry;
        }

        return entries;
    }

    static IList ReadItems(IConfigurationSection section, Type itemType, SettingsProblems problems)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;

        foreach (var child in section.GetChildren())
        {
            if (TryRead(child, itemType, null, secret: false, problems, out var item))
                items.Add(item);
        }

        return items;
    }

    static void Validate(IConfigurationSection section, object target, List<PropertyInfo> properties, SettingsProblems problems)
    {
        var context = new ValidationContext(target);

        foreach (var property in properties)
        {
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                context.MemberName = property.Name;
                if (rule.GetValidationResult(property.GetValue(target), context) is { } broken)
                    AddBroken(property, broken);
            }
        }

        if (target is IValidatableObject validatable)
        {
            foreach (var broken in validatable.Validate(new ValidationContext(target)).OfType<ValidationResult>())
                AddBroken(properties.Find(property => broken.MemberNames.Contains(property.Name)), broken);
        }

        void AddBroken(PropertyInfo? property, ValidationResult broken)
        {
            if (property is null)
                problems.Add($"{section.Path}: {broken.ErrorMessage}");
            else
                problems.Add($"{section.Path}:{property.Name}", Held(property), broken.ErrorMessage!);
        }

        string? Held(PropertyInfo property) =>
            property.GetValue(target) is not { } held
                ? null
                : IsSecret(property) ? "(hidden)" : Convert.ToString(held, CultureInfo.InvariantCulture);
    }

    static bool IsSecret(PropertyInfo property) => property.IsDefined(typeof(SecretAttribute));

    static Type? ItemType(Type type, Type definition, int argument) =>
        type.GetInterfaces().Append(type)
            .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == definition)?
            .GenericTypeArguments[argument];

    static IEnumerable<string> NamesOf(Type type) =>
        type.IsDefined(typeof(LowerCaseNamesAttribute)) ? Enum.GetNames(type).Select(name => name.ToLowerInvariant()) : Enum.GetNames(type);

    static string Expected(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 250ms, 5s, 2m, 1h or 00:00:05",
        _ when type == typeof(DateTimeOffset) => "a time such as 2026-11-24T09:00:00Z, or 2026-11-24T09:00:00+01:00 with a time zone",
        _ when type == typeof(Uri) =>
            "an absolute address, such as https://example.com/path or amqp://user:password@example.com:5672/vhost",
        _ when type == typeof(double) || type == typeof(decimal) => "a number",
        _ when type.IsEnum => $"one of {string.Join(", ", NamesOf(type))}",
        _ when type.IsPrimitive => "a whole number",
        _ when type == typeof(string) => "a single value",
        _ => Group,
    };
}
