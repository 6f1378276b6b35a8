using System.Reflection;

namespace AvSdk.Simulation.Mutants;

/// <summary>A port with one of its methods replaced.</summary>
internal class Intercept<T> : DispatchProxy
    where T : class
{
    private T _inner = null!;
    private string _method = "";
    private Func<object?[], Func<object?>, object?> _instead = null!;

    /// <param name="inner">What all other calls go to.</param>
    /// <param name="method">The name of the method.</param>
    /// <param name="instead">Gets the arguments and the real call; returns what the method returns.</param>
    public static T On(T inner, string method, Func<object?[], Func<object?>, object?> instead)
    {
        T proxy = Create<T, Intercept<T>>();
        Intercept<T> made = (Intercept<T>)(object)proxy;
        (made._inner, made._method, made._instead) = (inner, method, instead);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object?[] arguments = args ?? [];
        object? Call()
        {
            try
            {
                return targetMethod!.Invoke(_inner, arguments);
            }
            catch (TargetInvocationException error) when (error.InnerException is { } inner)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
                throw;
            }
        }

        return targetMethod!.Name == _method ? _instead(arguments, Call) : Call();
    }
}
