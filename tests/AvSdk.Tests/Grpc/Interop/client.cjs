// A gRPC client of @grpc/grpc-js that calls our server: node client.cjs PROTOS ADDRESS SCENARIO
// Exits with 0 when everything was as it should be, else says on stderr what was not.
'use strict';
const assert = require('node:assert');
const { grpc, load } = require('./contracts.cjs');
const av = load();
const address = process.argv[3];
const credentials = grpc.credentials.createInsecure();
const echo = new av.test.Echo(address, credentials);

const unary = (client, method, request, metadata = new grpc.Metadata(), options = {}) => {
  let headers;
  let status;
  return new Promise((resolve, reject) => {
    const call = client[method](request, metadata, options, (error, reply) => {
      if (error) reject(error);
      else setImmediate(() => resolve({ reply, headers, status }));
    });
    call.on('metadata', (m) => { headers = m; });
    call.on('status', (s) => { status = s; });
  });
};

// Every reply of a stream, then its status.
const drain = (call) => new Promise((resolve) => {
  const replies = [];
  call.on('data', (reply) => replies.push(reply));
  call.on('error', () => {});
  call.on('status', (status) => resolve({ replies, status }));
});

const failure = (promise) => promise.then(() => assert.fail('it did not fail'), (error) => error);

const scenarios = {
  async unary() {
    const { reply } = await unary(echo, 'Say', { text: 'hi', count: 3, data: Buffer.alloc(1000, 5) });
    assert.deepEqual([reply.text, reply.count, reply.length], ['hi', 3, 1000]);
  },

  async server_streaming() {
    const { replies, status } = await drain(echo.Expand({ count: 200, data: Buffer.alloc(5000) }));
    assert.deepEqual(replies.map((r) => r.count), [...Array(200).keys()]);
    assert.equal(status.code, 0);
  },

  async client_streaming() {
    const reply = await new Promise((resolve, reject) => {
      const call = echo.Collect((error, value) => (error ? reject(error) : resolve(value)));
      for (const text of ['a', 'b', 'c']) call.write({ text, data: Buffer.alloc(100_000) });
      call.end();
    });
    assert.deepEqual([reply.text, reply.count, reply.length], ['a b c', 3, 300_000]);
  },

  async duplex() {
    const call = echo.Chat();
    // The headers come though nothing was said yet.
    await new Promise((resolve) => call.on('metadata', resolve));
    const drained = drain(call);
    for (let i = 0; i < 20; i++) call.write({ count: i, data: Buffer.alloc(262_144, i) });
    call.end();
    const { replies, status } = await drained;
    const expected = [...Array(20).keys()].map((i) => [i, i]);
    assert.deepEqual(replies.map((r) => [r.count, r.data[262_143]]), expected);
    assert.equal(status.code, 0);
  },

  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.add('x-vehicle', 'veh-042');
    metadata.add('x-vehicle', 'second');
    metadata.add('x-trace-bin', Buffer.from([0, 255, 7]));
    metadata.add('x-trace-bin', Buffer.from([1]));
    const { headers, status } = await unary(echo, 'Say', { text: 'hi' }, metadata);
    for (const received of [headers, status.metadata]) {
      assert.equal(received.get('x-vehicle').join(', '), 'veh-042, second');
      assert.deepEqual(received.get('x-trace-bin').map((b) => [...b]), [[0, 255, 7], [1]]);
    }
  },

  async status() {
    const error = await failure(unary(echo, 'Say', { fault: 'status' }));
    assert.equal(error.code, grpc.status.FAILED_PRECONDITION);
    assert.equal(error.details, 'spool voll: 100 % – räumen');
    const crash = await failure(unary(echo, 'Say', { fault: 'crash' }));
    assert.equal(crash.code, grpc.status.INTERNAL);
    assert.ok(!crash.message.includes('secret'));
  },

  async details() {
    const error = await failure(unary(echo, 'Say', { fault: 'details' }));
    assert.equal(error.code, grpc.status.NOT_FOUND);
    const [details] = error.metadata.get('grpc-status-details-bin');
    // google.rpc.Status: code 5, then the text.
    assert.deepEqual([...details.subarray(0, 4)], [0x08, 5, 0x12, 13]);
    assert.ok(details.includes('type.googleapis.com/av.test.EchoRequest'));
    assert.ok(details.includes('nearest: /imu'));
  },

  async unimplemented() {
    const Other = grpc.makeGenericClientConstructor({
      Sing: { ...av.test.Echo.service.Say, path: '/av.test.Echo/Sing' },
      Fly: { ...av.test.Echo.service.Say, path: '/av.test.Nothing/Fly' },
    });
    const other = new Other(address, credentials);
    assert.equal((await failure(unary(other, 'Sing', {}))).code, grpc.status.UNIMPLEMENTED);
    assert.equal((await failure(unary(other, 'Fly', {}))).code, grpc.status.UNIMPLEMENTED);
  },

  async deadline() {
    const options = { deadline: Date.now() + 1000 };
    const error = await failure(unary(echo, 'Say', { fault: 'hang' }, new grpc.Metadata(), options));
    assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  },

  async cancel() {
    const call = echo.Chat();
    const drained = drain(call);
    call.on('data', () => {
      call.write({ fault: 'hang', fault_after: 1 });
      setTimeout(() => call.cancel(), 500);
    });
    call.write({ text: 'first' });
    assert.equal((await drained).status.code, grpc.status.CANCELLED);
  },

  async message_limit() {
    const error = await failure(unary(echo, 'Say', { data: Buffer.alloc(100_001) }));
    assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.match(error.details, /ReceiveMessageBytesMax is 100000.*raise/);
    const { status } = await drain(echo.Expand({ count: 1, data: Buffer.alloc(99_995) }));
    assert.equal(status.code, grpc.status.RESOURCE_EXHAUSTED);
  },

  async error_mid_stream() {
    const { replies, status } = await drain(echo.Expand({ count: 9, fault: 'status', fault_after: 4 }));
    assert.deepEqual([replies.length, status.code], [4, grpc.status.FAILED_PRECONDITION]);
  },

  async error_mid_upload() {
    const call = echo.Chat();
    const drained = drain(call);
    const timer = setInterval(() => {
      try {
        call.write({ data: Buffer.alloc(50_000), fault: 'status', fault_after: 3 });
      } catch { /* it has ended */ }
    }, 1);
    const { replies, status } = await drained;
    clearInterval(timer);
    assert.deepEqual([replies.length, status.code], [3, grpc.status.FAILED_PRECONDITION]);
  },

  async compressed_request() {
    const compressing = new av.test.Echo(address, credentials, { 'grpc.default_compression_algorithm': 2 });
    const error = await failure(unary(compressing, 'Say', { text: 'x'.repeat(1000) }));
    assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  },

  async project_services() {
    const query = new av.v1.Query(address, credentials);
    const { reply } = await unary(query, 'Plan', { topics: ['/imu', '/camera/*'], start: 5 });
    assert.equal(reply.as_of, 7);
    assert.deepEqual(reply.topics.map((t) => [t.topic, t.messages]), [['/imu', 3], ['/camera/*', 3]]);

    const reading = await drain(query.Read({ selection: { as_of: 9 } }));
    assert.deepEqual(reading.replies.map((r) => r.kind), ['begin', 'data', 'data']);
    assert.equal(reading.replies[0].begin.as_of, 9);
    assert.deepEqual([reading.replies[2].data.length, reading.replies[2].data[1048575]], [1048576, 2]);
    assert.equal(reading.status.code, 0);

    const upload = new av.v1.Ingest(address, credentials).Upload();
    const drained = drain(upload);
    const ref = { recording_id: Buffer.alloc(16, 1), lane: 'telemetry', sequence: 1 };
    upload.write({ open: { protocol: 1, vehicle_id: 'veh-042' } });
    for (let i = 0; i < 4; i++) {
      upload.write({ part: { ref, offset: i * 262144, data: Buffer.alloc(262144, i) } });
    }
    upload.write({ end: { end: { recording_id: ref.recording_id } } });
    upload.end();
    const { replies, status } = await drained;
    const kinds = ['opened', 'receipt', 'receipt', 'receipt', 'receipt', 'ended'];
    assert.deepEqual(replies.map((r) => r.kind), kinds);
    assert.deepEqual([replies[2].receipt.ref.lane, replies[2].receipt.sha256[0]], ['telemetry', 1]);
    assert.equal(status.code, 0);
  },
};

scenarios[process.argv[4]]().then(
  () => process.exit(0),
  (error) => { console.error(error); process.exit(1); });
