using System.Text.Json;

namespace Framewire.Server.Access;

/// <summary>The file of tokens: read by the server, written by <c>framewire token</c>. Stateless.</summary>
public static class TokenFile
{
    /// <summary>Entries that a file may have.</summary>
    public const int MostGrants = 10_000;

    private const long MostBytes = 16 << 20;

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It cannot be read, or is wrong: with every mistake in it.</exception>
    public static IReadOnlyList<Grant> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new IOException($"The token file {path} is larger than {MostBytes >> 20} MiB.");
            var grants = AccessJson.Read<GrantList>(File.ReadAllText(path)).Tokens;
            List<string> mistakes = [.. grants.SelectMany(grant => grant.Validate())];
            mistakes.AddRange(grants.GroupBy(grant => grant.Id, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => $"Id {AccessToken.Printable(same.Key)} is there twice."));
            if (grants.Count > MostGrants)
                mistakes.Add($"It has {grants.Count} entries; {MostGrants} may be.");
            return mistakes.Count == 0 ? grants : throw new IOException($"The token file {path} is wrong: {string.Join(" ", mistakes)}");
        }
        catch (JsonException e)
        {
            throw new IOException($"The token file {path} is wrong: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The token file {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes it anew, whole or not at all, readable by its owner only.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, IEnumerable<Grant> grants)
    {
        var draft = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var writer = new StreamWriter(draft, options))
                writer.WriteLine(AccessJson.Write(new GrantList { Tokens = [.. grants] }));
            File.Move(draft, path, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The token file {path} cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
