// A client of @grpc/grpc-js over TLS: node peer.cjs PROTOS ADDRESS AUTHORITIES CERTIFICATE|- KEY|- VEHICLE|-
// Prints a line a call: how it ended. With a vehicle's name it opens an upload as that vehicle, else it asks for a plan.
'use strict';
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [protos, address, authorities, certificate, key, vehicle] = process.argv.slice(2);
const av = grpc.loadPackageDefinition(loader.loadSync(
  ['av/v1/ingest.proto', 'av/v1/query.proto'],
  { includeDirs: [protos], keepCase: true, longs: Number, enums: String, oneofs: true })).av;
const read = (file) => (file === '-' ? null : fs.readFileSync(file));
const credentials = grpc.credentials.createSsl(read(authorities), read(key), read(certificate));

const end = (code, text) => {
  console.log(`${code} ${text}`);
  process.exit(0);
};
const fail = (error) => end(grpc.status[error.code], error.details);

if (vehicle === '-') {
  new av.v1.Query(address, credentials).Plan({}, (error, plan) => (error ? fail(error) : end('OK', JSON.stringify(plan))));
} else {
  const call = new av.v1.Ingest(address, credentials).Upload();
  call.on('data', (reply) => end('OK', reply.kind));
  call.on('error', fail);
  call.write({ open: { protocol: 1, vehicle_id: vehicle, software: 'node' } });
}
