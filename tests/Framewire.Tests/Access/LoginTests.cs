using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>How people log in on the page, and what a stranger's page cannot do.</summary>
public sealed class LoginTests : IDisposable
{
    private readonly Tokens _tokens = new();
    private readonly HttpClient _http = new(new HttpClientHandler { UseCookies = false });

    public void Dispose()
    {
        _http.Dispose();
        _tokens.Dispose();
    }

    private Task<FramewireHost> StartAsync(Func<AccessOptions, AccessOptions>? change = null, TimeProvider? time = null, LogLines? log = null)
    {
        var options = change?.Invoke(_tokens.Options) ?? _tokens.Options;
        return FramewireHost.StartAsync(new FramewireOptions { Access = options }, time: time, log: log);
    }

    private async Task<HttpResponseMessage> SendAsync(FramewireHost host, HttpMethod method, string path, object? json = null, string? cookie = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(host.Web, path)) { Content = json is null ? null : JsonContent.Create(json) };
        if (json is not null)
            await request.Content!.LoadIntoBufferAsync();
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await _http.SendAsync(request);
    }

    private async Task<string> LogInAsync(FramewireHost host, AccessToken token)
    {
        using var response = await SendAsync(host, HttpMethod.Post, "/login", new { token = token.Text });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Set-Cookie").Single();
    }

    private static string CookieIn(string setCookie) => setCookie.Split(';')[0];

    [Fact]
    public async Task A_token_becomes_a_cookie_that_no_script_and_no_other_site_has()
    {
        var token = _tokens.Add(grant => grant with { Name = "anna", Watch = ["*"] });
        await using var host = await StartAsync();

        var set = await LogInAsync(host, token);
        using var streams = await SendAsync(host, HttpMethod.Get, "/streams", cookie: CookieIn(set));
        using var without = await SendAsync(host, HttpMethod.Get, "/streams");
        using var who = await SendAsync(host, HttpMethod.Get, "/login", cookie: CookieIn(set));
        var told = await who.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (streams.StatusCode, without.StatusCode));
        Assert.Equal("Bearer realm=\"framewire\"", without.Headers.WwwAuthenticate.ToString());
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(token.Text, set, StringComparison.Ordinal);
        Assert.True(told.GetProperty("loggedIn").GetBoolean());
        Assert.StartsWith("anna (", told.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Text, told.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_ends_by_logging_out_by_time_and_with_its_token()
    {
        var clock = new ShiftedClock();
        var (one, two, three) = (_tokens.Add(grant => grant with { Watch = ["*"] }), _tokens.Add(grant => grant with { Watch = ["*"] }), _tokens.Add(grant => grant with { Watch = ["*"] }));
        await using var host = await StartAsync(time: clock);
        var cookies = new List<string>();
        foreach (var token in new[] { one, two, three })
            cookies.Add(CookieIn(await LogInAsync(host, token)));

        (await SendAsync(host, HttpMethod.Delete, "/login", cookie: cookies[0])).Dispose();
        _tokens.Revoke(two);
        host.ReadTokens();
        var before = await StatusesAsync(host, cookies);
        clock.Shift(TimeSpan.FromHours(13));
        var after = await StatusesAsync(host, cookies);

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK], before);
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], after);
    }

    private async Task<List<HttpStatusCode>> StatusesAsync(FramewireHost host, IEnumerable<string> cookies)
    {
        List<HttpStatusCode> statuses = [];
        foreach (var cookie in cookies)
        {
            using var response = await SendAsync(host, HttpMethod.Get, "/streams", cookie: cookie);
            statuses.Add(response.StatusCode);
        }

        return statuses;
    }

    [Fact]
    public async Task A_strangers_page_can_neither_log_in_nor_out_nor_use_a_cookie()
    {
        var token = _tokens.Add(grant => grant with { Watch = ["*"] });
        await using var host = await StartAsync();
        var cookie = CookieIn(await LogInAsync(host, token));
        using var form = new FormUrlEncodedContent([new("token", token.Text)]);

        using var posted = await _http.PostAsync(new Uri(host.Web, "/login"), form);
        using var login = await SendAsync(host, HttpMethod.Post, "/login", new { token = token.Text }, origin: "https://evil.example");
        using var read = await SendAsync(host, HttpMethod.Get, "/streams", cookie: cookie, origin: "https://evil.example");
        using var logout = await SendAsync(host, HttpMethod.Delete, "/login", cookie: cookie, origin: "https://evil.example");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, posted.StatusCode);
        Assert.All(new[] { login, read, logout }, response => Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode));
        Assert.False(login.Headers.Contains("Set-Cookie"));
        Assert.Equal([HttpStatusCode.OK], await StatusesAsync(host, [cookie]));
    }

    [Fact]
    public async Task Failures_are_limited_by_address_told_without_the_secret_and_do_not_lock_out_who_has_a_token()
    {
        var token = _tokens.Add(grant => grant with { Watch = ["*"] });
        using var log = new LogLines();
        await using var host = await StartAsync(options => options with { TrustedProxies = "", MaxFailuresPerMinute = 3 }, log: log);
        var wrong = AccessToken.Create();

        List<HttpStatusCode> statuses = [];
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var response = await SendAsync(host, HttpMethod.Post, "/login", new { token = wrong.Text });
            statuses.Add(response.StatusCode);
            Assert.DoesNotContain(wrong.Text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);
        await LogInAsync(host, token);
        Assert.DoesNotContain(log.All, line => line.Contains(wrong.Text, StringComparison.Ordinal) || line.Contains(token.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task There_are_no_more_logins_than_there_may_be()
    {
        var clock = new ShiftedClock();
        var token = _tokens.Add(grant => grant with { Watch = ["*"] });
        await using var host = await StartAsync(options => options with { MaxLogins = 2 }, clock);

        List<string> cookies = [];
        for (var login = 0; login < 3; login++, clock.Shift(TimeSpan.FromMinutes(1)))
            cookies.Add(CookieIn(await LogInAsync(host, token)));

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK], await StatusesAsync(host, cookies));
    }

    [Fact]
    public async Task An_open_server_asks_nobody_to_log_in()
    {
        await using var host = await FramewireHost.StartAsync();

        using var who = await SendAsync(host, HttpMethod.Get, "/login");

        Assert.False((await who.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("needed").GetBoolean());
    }
}
