using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace AvSdk.Gateway.Web;

/// <summary>
/// One meter's instruments in Prometheus' text format 0.0.4: counters with <c>_total</c>, up-down counters as
/// gauges, histograms as a summary's sum and count. Labels are not used by our instruments and not written.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter))
                return;
            lock (_lock)
                _series[instrument.Name] = new Series(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Record(instrument, value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Record(instrument, value));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        StringBuilder text = new();
        lock (_lock)
        {
            foreach (Series series in _series.Values)
                series.Write(text);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value)
    {
        lock (_lock)
            _series[instrument.Name].Record(value);
    }

    private sealed class Series(Instrument instrument)
    {
        private readonly bool _isCounter = instrument is Counter<long>;
        private readonly bool _isHistogram = instrument is Histogram<double>;
        private readonly bool _isObservable = instrument.IsObservable;
        private double _value;
        private long _count;

        public void Record(double value)
        {
            _value = _isObservable ? value : _value + value;
            _count++;
        }

        public void Write(StringBuilder text)
        {
            string name = NameOf();
            string type = _isCounter ? "counter" : _isHistogram ? "summary" : "gauge";
            string value = _value.ToString("R", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
            if (_isHistogram)
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum {value}\n{name}_count {_count}\n");
            else
                text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        private string NameOf()
        {
            string name = instrument.Name.Replace('.', '_');
            if (instrument.Unit == "By" && !name.EndsWith("_bytes", StringComparison.Ordinal))
                name += "_bytes";
            if (instrument.Unit == "s")
                name += "_seconds";
            return _isCounter ? name + "_total" : name;
        }
    }
}
