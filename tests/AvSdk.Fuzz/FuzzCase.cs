namespace AvSdk.Fuzz;

/// <summary>An input under construction, and what was done to it.</summary>
public class FuzzCase(string origin, byte[] bytes)
{
    private readonly List<string> _steps = [];

    public string Origin => origin;

    public byte[] Bytes { get; set; } = bytes;

    public IReadOnlyList<string> Steps => _steps;

    public void Did(string step) => _steps.Add(step);

    public override string ToString() => $"{origin}: {string.Join("; ", _steps)}";
}
