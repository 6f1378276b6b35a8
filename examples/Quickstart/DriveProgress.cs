using Spectre.Console;
using Spectre.Console.Rendering;

namespace AvSdk.Quickstart;

/// <summary>The progress bars: recorded, delivered, queried, each with its rate.</summary>
internal sealed class DriveProgress(ProgressContext context)
{
    private readonly ProgressTask _record = context.AddTask("record ", autoStart: false);
    private readonly ProgressTask _deliver = context.AddTask("deliver", autoStart: false);
    private readonly ProgressTask _query = context.AddTask("query  ", autoStart: false);
    private bool? _linkIsUp;

    public void Begin(ulong messages, ulong bytes)
    {
        foreach (ProgressTask task in new[] { _record, _deliver, _query })
        {
            task.MaxValue = messages;
            task.State.Update<double>(RateColumn.BytesPerMessage, _ => messages == 0 ? 0 : (double)bytes / messages);
        }

        _record.StartTask();
        _deliver.StartTask();
    }

    public void Recorded(ulong messages, ulong delivered)
    {
        _record.Value = messages;
        _deliver.Value = delivered;
    }

    public void Queried(ulong messages)
    {
        if (!_query.IsStarted)
            _query.StartTask();
        _query.Value = messages;
    }

    /// <summary>Changes the link once, and shows it.</summary>
    public void Link(Action change, bool isUp)
    {
        if (_linkIsUp == isUp)
            return;
        _linkIsUp = isUp;
        change();
        _deliver.Description = isUp ? "deliver" : "deliver [red](link cut)[/]";
    }
}

/// <summary>MB/s (10⁶ bytes) of payload since the task was started.</summary>
internal sealed class RateColumn : ProgressColumn
{
    public const string BytesPerMessage = "bytes per message";

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        double seconds = task.ElapsedTime?.TotalSeconds ?? 0;
        double bytes = task.Value * task.State.Get<double>(BytesPerMessage);
        return new Text(seconds > 0 ? $"{bytes / seconds / 1e6,7:0.0} MB/s" : "");
    }
}
