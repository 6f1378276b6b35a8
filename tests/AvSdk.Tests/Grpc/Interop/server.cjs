// A gRPC server of @grpc/grpc-js for our client to call: node server.cjs PROTOS
// Prints "port N" when it listens, "hung" for each call that hangs, and "cancelled" when it is cancelled.
// Ends with its stdin.
'use strict';
const { grpc, load } = require('./contracts.cjs');
const av = load();

function echoed(metadata) {
  const back = new grpc.Metadata();
  for (const key of Object.keys(metadata.getMap())) {
    if (key.startsWith('x-')) for (const value of metadata.get(key)) back.add(key, value);
  }
  return back;
}

// Returns true where the call ends or hangs here.
function fault(call, request, after, end) {
  if (!request.fault || request.fault_after !== after) return false;
  const metadata = echoed(call.metadata);
  switch (request.fault) {
    case 'status':
      end({ code: grpc.status.FAILED_PRECONDITION, details: 'spool voll: 100 % – räumen', metadata });
      return true;
    case 'details':
      metadata.set('grpc-status-details-bin', request.data);
      end({ code: grpc.status.NOT_FOUND, details: 'no such topic', metadata });
      return true;
    case 'hang':
      call.on('cancelled', () => console.log('cancelled'));
      console.log('hung');
      return true;
    default:
      throw new Error(`no fault ${request.fault}`);
  }
}

function begin(call) {
  call.sendMetadata(echoed(call.metadata));
}

function reply(call, request) {
  return {
    text: request.text,
    data: request.data,
    count: request.count,
    length: request.text === 'deadline?' ? Math.round(call.getDeadline() - Date.now()) : request.data.length,
  };
}

const echo = {
  Say(call, callback) {
    if (fault(call, call.request, 0, callback)) return;
    begin(call);
    callback(null, reply(call, call.request), echoed(call.metadata));
  },
  Expand(call) {
    begin(call);
    const request = call.request;
    for (let i = 0; i < request.count; i++) {
      if (fault(call, request, i, (e) => call.emit('error', e))) return;
      call.write({ ...reply(call, request), count: i });
    }
    call.end(echoed(call.metadata));
  },
  Collect(call, callback) {
    const sum = { text: '', data: Buffer.alloc(0), count: 0, length: 0 };
    let over = false;
    call.on('data', (request) => {
      if (over) return;
      over = fault(call, request, sum.count, callback);
      sum.text += (sum.count++ === 0 ? '' : ' ') + request.text;
      sum.length += request.data.length;
    });
    call.on('end', () => { if (!over) callback(null, sum, echoed(call.metadata)); });
  },
  Chat(call) {
    begin(call);
    let count = 0;
    let over = false;
    call.on('data', (request) => {
      if (over) return;
      over = fault(call, request, count++, (e) => call.emit('error', e));
      if (!over) call.write(reply(call, request));
    });
    call.on('end', () => { if (!over) call.end(echoed(call.metadata)); });
  },
};

const query = {
  Plan(call, callback) {
    callback(null, {
      as_of: 7,
      stored_bytes: 2 ** 40,
      topics: call.request.topics.map((topic) => ({ topic, messages: 3, first_log_time: 1700000000 })),
    });
  },
  Read(call) {
    call.write({ begin: { as_of: call.request.selection.as_of, chunks: 2, bytes: 2097152 } });
    for (let i = 0; i < 2; i++) call.write({ data: Buffer.alloc(1048576, i + 1) });
    call.end();
  },
};

const ingest = {
  Upload(call) {
    call.on('data', (request) => {
      switch (request.kind) {
        case 'open':
          call.write({ opened: { software: 'node', part_bytes_max: 262144 } });
          break;
        case 'part':
          call.write({
            receipt: {
              ref: request.part.ref,
              outcome: 'OUTCOME_STORED',
              sha256: request.part.data.subarray(0, 32),
            },
          });
          break;
        case 'end':
          call.write({ ended: { recording_id: request.end.end.recording_id } });
          break;
      }
    });
    call.on('end', () => call.end());
  },
};

const server = new grpc.Server();
server.addService(av.test.Echo.service, echo);
server.addService(av.v1.Query.service, query);
server.addService(av.v1.Ingest.service, ingest);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`port ${port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
