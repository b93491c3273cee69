using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>Where the official interoperability programs are; installs them once for a run of tests (tests/interop/install.sh).</summary>
internal static class ForeignEnds
{
    private static readonly Lazy<Task> Installed = new(() =>
        ChildProcess.RunAsync("bash", [Repository.PathTo("tests", "interop", "install.sh")], TimeSpan.FromMinutes(10)));

    private static string Cache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "framewire");

    public static Task InstallAsync() => Installed.Value;

    /// <summary>Runs one of the official programs in Ruby: <c>client.rb</c> or <c>server.rb</c>.</summary>
    public static (string Program, string[] Arguments, string? Folder) Ruby(string script, params string[] arguments) =>
        ("/usr/bin/ruby", ["-e", $"$0 = File.join(Gem::Specification.find_by_name('grpc').full_gem_path, 'src/ruby/pb/test/{script}'); load $0", "--", .. arguments], null);

    /// <summary>Runs one of the official programs in Python: <c>client</c> or <c>server</c>.</summary>
    public static (string Program, string[] Arguments, string? Folder) Python(string module, params string[] arguments) =>
        ("/usr/bin/python3", ["-m", $"tests.interop.{module}", .. arguments], Path.Combine(Cache, "grpc-python"));

    /// <summary>One of the official programs in C++, which tests/interop/cpp.sh has built.</summary>
    public static string Cpp(string program) => Path.Combine(Cache, "grpc-cpp", program);
}
