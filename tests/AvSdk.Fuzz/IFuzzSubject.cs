namespace AvSdk.Fuzz;

/// <summary>A format under test: makes the input of a run, and tries everything that reads it.</summary>
public interface IFuzzSubject
{
    string Name { get; }

    /// <summary>The input of a run, by its choices alone. Called by one worker at a time, each with its own.</summary>
    FuzzCase Make(FuzzRandom random);

    /// <summary>Tries an input; throws <see cref="BrokenPromiseException"/>, or whatever the code under test throws.</summary>
    void Try(FuzzCase input, FuzzRandom random);
}
