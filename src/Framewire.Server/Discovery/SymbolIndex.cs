using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Framewire.Server.Discovery;

/// <summary>In which file each name is declared, and what a client needs to read that file. Immutable; any thread.</summary>
internal sealed class SymbolIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly HashSet<string> _messages = new(StringComparer.Ordinal);

    /// <summary>Knows these files and whatever they import.</summary>
    public SymbolIndex(IEnumerable<FileDescriptor> files)
    {
        foreach (var file in files)
            Add(file);
    }

    /// <summary>The file of this name with all that it imports, each serialised; null if there is none.</summary>
    public IReadOnlyList<ByteString>? FindFile(string name) => WithImports(_files.GetValueOrDefault(name));

    /// <summary>The file that declares this full name, with all that it imports, each serialised; null if there is none.</summary>
    public IReadOnlyList<ByteString>? FindSymbol(string fullName) => WithImports(_symbols.GetValueOrDefault(fullName));

    /// <summary>Whether this is a message's full name.</summary>
    public bool IsMessage(string fullName) => _messages.Contains(fullName);

    private static List<ByteString>? WithImports(FileDescriptor? file)
    {
        if (file is null)
            return null;
        List<FileDescriptor> files = [file];
        for (var i = 0; i < files.Count; i++)
            files.AddRange(files[i].Dependencies.Where(import => !files.Contains(import)));
        return files.ConvertAll(each => each.SerializedData);
    }

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
            return;
        foreach (var import in file.Dependencies)
            Add(import);
        foreach (var service in file.Services)
        {
            _symbols.Add(service.FullName, file);
            foreach (var method in service.Methods)
                _symbols.Add(method.FullName, file);
        }
        foreach (var message in file.MessageTypes)
            Add(message);
        foreach (var kind in file.EnumTypes)
            Add(kind);
    }

    private void Add(MessageDescriptor message)
    {
        _messages.Add(message.FullName);
        _symbols.Add(message.FullName, message.File);
        foreach (var field in message.Fields.InDeclarationOrder())
            _symbols.Add(field.FullName, message.File);
        foreach (var oneof in message.Oneofs)
            _symbols.Add(oneof.FullName, message.File);
        foreach (var nested in message.NestedTypes)
            Add(nested);
        foreach (var kind in message.EnumTypes)
            Add(kind);
    }

    private void Add(EnumDescriptor kind)
    {
        _symbols.Add(kind.FullName, kind.File);
        // As in C++, the values of an enum are beside it, not in it.
        var scope = kind.FullName[..^kind.Name.Length];
        foreach (var value in kind.Values)
            _symbols.Add(scope + value.Name, kind.File);
    }
}
