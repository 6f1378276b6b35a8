using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The system's libmosquitto, MQTT 5, with its own thread: a client that publishes with so many under way, or counts what
/// arrives.
/// </summary>
internal sealed unsafe partial class LibMosquitto : IDisposable
{
    private const string Library = "libmosquitto.so.1";
    private const int ProtocolVersionOption = 1;
    private const int ReceiveMaximumOption = 4;
    private const int SendMaximumOption = 5;
    private const int NoDelayOption = 11;

    private readonly SemaphoreSlim _free;
    private readonly SemaphoreSlim _connected = new(0);
    private readonly int _underWay;
    private GCHandle _self;
    private nint _client;
    private long _received;
    private long _awaited = long.MaxValue;
    private TaskCompletionSource _arrived = new();

    static LibMosquitto()
    {
        if (IsInstalled)
            Check(mosquitto_lib_init());
    }

    public LibMosquitto(int port, int underWay)
    {
        _underWay = underWay;
        _free = new SemaphoreSlim(underWay);
        _self = GCHandle.Alloc(this);
        _client = mosquitto_new(null, true, GCHandle.ToIntPtr(_self));
        Check(mosquitto_int_option(_client, ProtocolVersionOption, 5));
        Check(mosquitto_int_option(_client, NoDelayOption, 1));
        Check(mosquitto_int_option(_client, SendMaximumOption, underWay));
        Check(mosquitto_int_option(_client, ReceiveMaximumOption, underWay));
        mosquitto_connect_callback_set(_client, &OnConnected);
        mosquitto_subscribe_callback_set(_client, &OnSubscribed);
        mosquitto_publish_callback_set(_client, &OnPublished);
        mosquitto_message_callback_set(_client, &OnMessage);
        Check(mosquitto_connect(_client, "127.0.0.1", port, 60));
        Check(mosquitto_loop_start(_client));
        _connected.Wait();
    }

    public static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    /// <summary>Publishes with QoS 1, and returns when the broker has acknowledged all.</summary>
    public void Publish(string topic, byte[] payload, int times)
    {
        fixed (byte* bytes = payload)
        {
            for (int i = 0; i < times; i++)
            {
                _free.Wait();
                Check(mosquitto_publish(_client, null, topic, payload.Length, bytes, 1, false));
            }
        }

        for (int i = 0; i < _underWay; i++)
            _free.Wait();
        _free.Release(_underWay);
    }

    public void Subscribe(string topic)
    {
        Check(mosquitto_subscribe(_client, null, topic, 1));
        _connected.Wait();
    }

    public void Unsubscribe(string topic) => Check(mosquitto_unsubscribe(_client, null, topic));

    /// <summary>Ends when so many more messages have arrived.</summary>
    public Task ReceiveAsync(int messages)
    {
        _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, Volatile.Read(ref _received) + messages);
        return _arrived.Task;
    }

    public void Dispose()
    {
        if (_client == 0)
            return;
        Check(mosquitto_disconnect(_client));
        Check(mosquitto_loop_stop(_client, false));
        mosquitto_destroy(_client);
        _client = 0;
        _self.Free();
        _free.Dispose();
        _connected.Dispose();
    }

    private static LibMosquitto Of(nint self) => (LibMosquitto)GCHandle.FromIntPtr(self).Target!;

    private static void Check(int code) => CodecRatios.Check(code == 0, $"libmosquitto says {code}");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnected(nint client, nint self, int code) => Of(self)._connected.Release();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubscribed(nint client, nint self, int id, int count, int* granted) => Of(self)._connected.Release();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublished(nint client, nint self, int id) => Of(self)._free.Release();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint client, nint self, void* message)
    {
        LibMosquitto of = Of(self);
        if (++of._received == Volatile.Read(ref of._awaited))
            of._arrived.TrySetResult();
    }

    [LibraryImport(Library)]
    private static partial int mosquitto_lib_init();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint mosquitto_new(string? id, [MarshalAs(UnmanagedType.U1)] bool cleanStart, nint self);

    [LibraryImport(Library)]
    private static partial int mosquitto_int_option(nint client, int option, int value);

    [LibraryImport(Library)]
    private static partial void mosquitto_connect_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Library)]
    private static partial void mosquitto_subscribe_callback_set(
        nint client, delegate* unmanaged[Cdecl]<nint, nint, int, int, int*, void> callback);

    [LibraryImport(Library)]
    private static partial void mosquitto_publish_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Library)]
    private static partial void mosquitto_message_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, void*, void> callback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mosquitto_connect(nint client, string host, int port, int keepAlive);

    [LibraryImport(Library)]
    private static partial int mosquitto_loop_start(nint client);

    [LibraryImport(Library)]
    private static partial int mosquitto_loop_stop(nint client, [MarshalAs(UnmanagedType.U1)] bool force);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mosquitto_publish(
        nint client, int* id, string topic, int bytes, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mosquitto_subscribe(nint client, int* id, string topic, int qos);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mosquitto_unsubscribe(nint client, int* id, string topic);

    [LibraryImport(Library)]
    private static partial int mosquitto_disconnect(nint client);

    [LibraryImport(Library)]
    private static partial void mosquitto_destroy(nint client);
}
