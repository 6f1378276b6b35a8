// Reads an MCAP file with the official library, by index and by stream, and prints what it found as JSON.
// node read.mjs NODE_MODULES FILE
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [, , modules, file] = process.argv;
const require = createRequire(join(resolve(modules), "..", "package.json"));
const { McapIndexedReader, McapStreamReader } = require("@mcap/core");
const lz4 = require("@foxglove/wasm-lz4").default ?? require("@foxglove/wasm-lz4");
const zstd = require("@foxglove/wasm-zstd");
await lz4.isLoaded;
await zstd.isLoaded;
const decompressHandlers = {
  lz4: (buffer, size) => lz4(buffer, Number(size)),
  zstd: (buffer, size) => zstd.decompress(buffer, Number(size)),
};

class Topics {
  #topics = new Map();

  add(topic, message) {
    const entry = this.#topics.get(topic) ?? { count: 0, hash: createHash("sha256") };
    const stamp = Buffer.alloc(12);
    stamp.writeBigUInt64LE(message.logTime, 0);
    stamp.writeUInt32LE(message.sequence, 8);
    entry.hash.update(stamp).update(message.data);
    entry.count++;
    this.#topics.set(topic, entry);
  }

  result() {
    return Object.fromEntries(
      [...this.#topics].map(([topic, t]) => [topic, { count: t.count, sha256: t.hash.digest("hex") }]),
    );
  }
}

async function indexed() {
  const handle = await open(file);
  const readable = {
    size: async () => BigInt((await handle.stat()).size),
    read: async (offset, size) => {
      const buffer = new Uint8Array(Number(size));
      await handle.read(buffer, 0, Number(size), Number(offset));
      return buffer;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
  const topics = new Topics();
  for await (const message of reader.readMessages({ validateCrcs: true })) {
    topics.add(reader.channelsById.get(message.channelId).topic, message);
  }
  const attachments = [];
  for await (const attachment of reader.readAttachments({ validateCrcs: true })) {
    attachments.push(`${attachment.name} ${attachment.mediaType} ${Buffer.from(attachment.data).toString("utf8")}`);
  }
  const metadata = [];
  for await (const record of reader.readMetadata()) {
    metadata.push({ name: record.name, values: Object.fromEntries(record.metadata) });
  }
  await handle.close();
  return {
    library: reader.header.library,
    profile: reader.header.profile,
    messageCount: Number(reader.statistics?.messageCount ?? -1),
    chunkCount: reader.chunkIndexes.length,
    compressions: [...new Set(reader.chunkIndexes.map((c) => c.compression))],
    schemas: [...reader.schemasById.values()].map((s) => s.name),
    topics: topics.result(),
    attachments,
    metadata,
  };
}

async function streamed() {
  const reader = new McapStreamReader({ validateCrcs: true, decompressHandlers });
  reader.append(await readFile(file));
  const channels = new Map();
  const topics = new Topics();
  for (let record = reader.nextRecord(); record; record = reader.nextRecord()) {
    if (record.type === "Channel") channels.set(record.id, record.topic);
    else if (record.type === "Message") topics.add(channels.get(record.channelId), record);
  }
  return { done: reader.done(), topics: topics.result() };
}

console.log(JSON.stringify({ indexed: await indexed(), streamed: await streamed() }));
