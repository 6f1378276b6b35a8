namespace AvSdk.Mcap;

/// <summary>
/// What a scan collects. Each thing is kept with the end of its record, so that a cut is a filter.
/// </summary>
internal sealed class ScanFindings
{
    public Found<McapSchema> Schemas { get; } = new();

    public Found<McapChannel> Channels { get; } = new();

    public Found<McapMetadata> Metadata { get; } = new();

    public Found<McapMetadataIndex> MetadataIndexes { get; } = new();

    public Found<McapAttachmentIndex> Attachments { get; } = new();

    public List<McapScannedChunk> Chunks { get; } = [];

    public List<McapScannedRecord> PrivateRecords { get; } = [];

    public List<McapScannedRun> Runs { get; } = [];

    public long End { get; set; }

    public long? DataEndOffset { get; set; }

    public bool IsSealed { get; set; }

    public McapError TailError { get; set; }

    public ScanFindings CutAt(long offset)
    {
        if (offset == End)
            return this;
        ScanFindings cut = new()
        {
            End = offset,
            DataEndOffset = DataEndOffset + McapFormat.DataEndRecordBytes <= offset ? DataEndOffset : null,
        };
        Schemas.CopyTo(cut.Schemas, offset);
        Channels.CopyTo(cut.Channels, offset);
        Metadata.CopyTo(cut.Metadata, offset);
        MetadataIndexes.CopyTo(cut.MetadataIndexes, offset);
        Attachments.CopyTo(cut.Attachments, offset);
        cut.Chunks.AddRange(Chunks.Where(c => c.End <= offset));
        cut.PrivateRecords.AddRange(PrivateRecords.Where(r => r.End <= offset));
        cut.Runs.AddRange(Runs.Where(r => r.Offset + r.Bytes <= offset));
        return cut;
    }

    internal sealed class Found<T>
    {
        private readonly List<T> _values = [];
        private readonly List<long> _ends = [];

        public IReadOnlyList<T> Values => _values;

        public void Add(T value, long end)
        {
            _values.Add(value);
            _ends.Add(end);
        }

        public void CopyTo(Found<T> other, long endMax)
        {
            for (int i = 0; i < _values.Count; i++)
            {
                if (_ends[i] <= endMax)
                    other.Add(_values[i], _ends[i]);
            }
        }
    }
}
