using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>
/// The chunk index in one SQLite file: write-ahead log, synchronous=FULL, so that a committed transaction
/// survives a power cut. One writer at a time; readers do not wait for it.
/// </summary>
public sealed partial class SqliteChunkIndex : IChunkIndex
{
    private readonly string _path;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;
    private bool _disposed;

    /// <summary>
    /// The index in the file at <paramref name="path"/>; its folder must exist when it is opened.
    /// </summary>
    public SqliteChunkIndex(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            DefaultTimeout = 30,
        }.ToString();
    }

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(
            static connection =>
            {
                int version = Convert.ToInt32(
                    connection.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
                if (version == SqliteSchema.Version)
                    return true;
                if (version is not (0 or 1))
                {
                    throw new IOException(
                        $"The chunk index has layout {version}; this gateway knows {SqliteSchema.Version}. "
                        + "Run the gateway that wrote it, or remove it and rebuild it from the packs.");
                }

                if (version == 0)
                    connection.Execute(SqliteSchema.Create);
                connection.Execute(SqliteSchema.AddLedgers);
                connection.Execute(string.Create(
                    CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteSchema.Version}"));
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask CheckWritableAsync(CancellationToken cancellationToken) =>
        await WriteAsync(
            static connection => connection.Execute(
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteSchema.Version}")),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            CloseWriter();
            using SqliteConnection connection = new(_connectionString);
            SqliteConnection.ClearPool(connection);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>One transaction: all of <paramref name="work"/>, durable, or nothing of it.</summary>
    private async ValueTask<T> WriteAsync<T>(
        Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _writer ??= OpenConnection(pooled: false);
            using SqliteTransaction transaction = _writer.BeginTransaction();
            T result = work(_writer);
            transaction.Commit();
            return result;
        }
        catch (SqliteException failure)
        {
            // What the connection still holds of a failed transaction is not worth reasoning about.
            CloseWriter();
            throw Failed("write to", failure);
        }
        finally
        {
            _writing.Release();
        }
    }

    private ValueTask<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            using SqliteConnection connection = OpenConnection(pooled: true);
            using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
            return new ValueTask<T>(work(connection));
        }
        catch (SqliteException failure)
        {
            throw Failed("read", failure);
        }
    }

    private SqliteConnection OpenConnection(bool pooled)
    {
        SqliteConnection connection = new(pooled ? _connectionString : _connectionString + ";Pooling=False");
        try
        {
            connection.Open();
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CloseWriter()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private IOException Failed(string verb, SqliteException failure) => new(
        $"Could not {verb} the chunk index {_path}: {failure.Message} "
        + (failure.SqliteErrorCode switch
        {
            13 => "Free space on its disk.",
            8 => "Make the file and its folder writable for this user.",
            11 or 26 => "Remove it and rebuild it from the packs.",
            5 or 6 => "Another process holds it: run one gateway a data folder.",
            _ => "Check its disk and the kernel's log.",
        }),
        failure);
}
