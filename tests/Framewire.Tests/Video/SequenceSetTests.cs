using Framewire.Protocol.Video;

namespace Framewire.Tests.Video;

/// <summary>A set of runs does what a set of numbers does.</summary>
public sealed class SequenceSetTests
{
    private const ulong Max = ulong.MaxValue;

    [Fact]
    public void It_does_what_a_set_of_numbers_does()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            // At both ends of the numbers, too, where one more or one less would wrap around.
            var from = random.Next(3) switch { 0 => 0ul, 1 => Max - 40, _ => 1000ul };
            var (set, model) = (new SequenceSet(), new HashSet<ulong>());
            for (var step = 0; step < 60; step++)
            {
                Change(set, model, random, from);
                RequireSame(set, model, from, $"seed {seed}, round {round}, step {step}");
            }
        }
    }

    private static void Change(SequenceSet set, HashSet<ulong> model, Random random, ulong from)
    {
        var (a, b) = (random.Next(41), random.Next(41));
        var run = new SequenceRun(from + (ulong)Math.Min(a, b), from + (ulong)Math.Min(Math.Max(a, b), Math.Min(a, b) + 9));
        var numbers = Enumerable.Range(0, (int)run.Count).Select(i => run.First + (ulong)i);
        switch (random.Next(5))
        {
            case 0:
                set.Add(run.First);
                model.Add(run.First);
                break;
            case 1:
                Assert.Equal(model.Remove(run.First), set.Remove(run.First));
                break;
            case 2:
                set.Remove(run);
                model.ExceptWith(numbers);
                break;
            case 3:
                Assert.Equal(numbers.Where(model.Contains), set.Within(run).SelectMany(part => Enumerable.Range(0, (int)part.Count).Select(i => part.First + (ulong)i)));
                break;
            default:
                set.Add(run);
                model.UnionWith(numbers);
                break;
        }
    }

    private static void RequireSame(SequenceSet set, HashSet<ulong> model, ulong from, string where)
    {
        var expected = RunsOf(model);
        Assert.True(expected.SequenceEqual(set.Runs), $"{where}: {set} instead of {string.Join(", ", expected)}");
        Assert.Equal((ulong)model.Count, set.Count);
        Assert.Equal((model.Count == 0 ? null : model.Min(), model.Count == 0 ? null : model.Max()), ((ulong?, ulong?))(set.First, set.Last));
        for (var i = 0ul; i <= 40; i++)
            Assert.Equal(model.Contains(from + i), set.Contains(from + i));
        Assert.Equal(set.Runs, new SequenceSet(set.Runs.Reverse().Concat(set.Runs)).Runs);
    }

    private static List<SequenceRun> RunsOf(HashSet<ulong> model)
    {
        var runs = new List<SequenceRun>();
        foreach (var number in model.Order())
        {
            if (runs.Count > 0 && runs[^1].Last + 1 == number)
                runs[^1] = runs[^1] with { Last = number };
            else
                runs.Add(new SequenceRun(number, number));
        }

        return runs;
    }

    [Fact]
    public void A_run_that_ends_before_it_begins_is_nothing()
    {
        var set = new SequenceSet([new SequenceRun(3, 5)]);

        set.Add(new SequenceRun(9, 8));
        set.Remove(new SequenceRun(5, 3));

        Assert.Equal("3-5", set.ToString());
        Assert.Empty(set.Within(new SequenceRun(5, 3)));
        set.Clear();
        Assert.Equal((0ul, null, null), (set.Count, set.First, set.Last));
    }
}
