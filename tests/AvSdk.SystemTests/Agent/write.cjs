// Writes an MCAP stream into the agent's socket with the official TypeScript writer, as a program of another language
// would: node write.cjs SOCKET MESSAGES chunked|unchunked
'use strict';
const net = require('node:net');
const { once } = require('node:events');
const { McapWriter } = require('@mcap/core');

async function main([path, messages, layout]) {
  const socket = net.createConnection(path);
  await once(socket, 'connect');
  let position = 0n;
  const writable = {
    position: () => position,
    write: (bytes) => new Promise((done, failed) => {
      position += BigInt(bytes.byteLength);
      // The writer uses its buffer again.
      socket.write(Buffer.from(bytes), (error) => (error ? failed(error) : done()));
    }),
  };
  const writer = new McapWriter({ writable, useChunks: layout === 'chunked', chunkSize: 4096 });
  await writer.start({ profile: '', library: 'write.cjs' });
  const schemaId = await writer.registerSchema({
    name: 'Counter', encoding: 'jsonschema', data: Buffer.from('{"type":"object"}'),
  });
  const channelId = await writer.registerChannel({
    schemaId, topic: '/counter', messageEncoding: 'json', metadata: new Map(),
  });
  for (let number = 1; number <= Number(messages); number++) {
    const time = 1_700_000_000_000_000_000n + BigInt(number);
    const data = Buffer.from(JSON.stringify({ number }));
    await writer.addMessage({ channelId, sequence: number, logTime: time, publishTime: time, data });
  }
  await writer.end();
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

main(process.argv.slice(2)).catch((error) => { console.error(error); process.exit(1); });
