using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Framewire.Protocol.Log;

/// <summary>
/// A message's schema as MCAP wants it: a google.protobuf.FileDescriptorSet with all that the message needs, and nothing else, as every segment
/// has it twice. Pure.
/// </summary>
/// <remarks>https://mcap.dev/spec/registry#protobuf</remarks>
internal static class SchemaCoding
{
    /// <summary>The schema of a message.</summary>
    public static ReadOnlySpan<byte> Of(MessageDescriptor message)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        Need(message, needed);
        var set = new FileDescriptorSet();
        Add(message.File, needed, set);
        return set.ToByteArray();
    }

    /// <summary>A type with all that its fields are of. Types within a type come with it.</summary>
    private static void Need(MessageDescriptor message, HashSet<string> needed)
    {
        if (message.ContainingType is { } outer)
            Need(outer, needed);
        else if (needed.Add(message.FullName))
            NeedFieldsOf(message, needed);
    }

    private static void NeedFieldsOf(MessageDescriptor message, HashSet<string> needed)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            if (field.FieldType == FieldType.Message)
                Need(field.MessageType, needed);
            else if (field.FieldType == FieldType.Enum && field.EnumType.ContainingType is { } outer)
                Need(outer, needed);
            else if (field.FieldType == FieldType.Enum)
                needed.Add(field.EnumType.FullName);
        }

        foreach (var nested in message.NestedTypes)
            NeedFieldsOf(nested, needed);
    }

    /// <summary>A file's part of it, behind the files that it imports.</summary>
    private static void Add(FileDescriptor file, HashSet<string> needed, FileDescriptorSet set)
    {
        if (set.File.Any(added => added.Name == file.Name))
            return;
        foreach (var dependency in file.Dependencies)
            Add(dependency, needed, set);
        var part = FileDescriptorProto.Parser.ParseFrom(file.SerializedData);
        Keep(part.MessageType, type => needed.Contains($"{part.Package}.{type.Name}"));
        Keep(part.EnumType, type => needed.Contains($"{part.Package}.{type.Name}"));
        Keep(part.Dependency, name => set.File.Any(added => added.Name == name));
        part.Service.Clear();
        if (part.MessageType.Count + part.EnumType.Count > 0)
            set.File.Add(part);
    }

    private static void Keep<T>(IList<T> list, Predicate<T> isKept)
    {
        for (var at = list.Count - 1; at >= 0; at--)
        {
            if (!isKept(list[at]))
                list.RemoveAt(at);
        }
    }
}
