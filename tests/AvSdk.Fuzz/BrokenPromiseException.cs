namespace AvSdk.Fuzz;

/// <summary>Thrown by a target when a promise is broken.</summary>
public sealed class BrokenPromiseException(string message) : Exception(message);
