// Loads the .proto files that both peers speak. argv[2] is the folder protos/ of the repository.
'use strict';
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

function load(protosFolder) {
  const definition = loader.loadSync(
    ['echo.proto', 'av/v1/ingest.proto', 'av/v1/query.proto'],
    {
      includeDirs: [__dirname, protosFolder],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
    });
  return grpc.loadPackageDefinition(definition).av;
}

module.exports = { grpc, load: () => load(path.resolve(process.argv[2])) };
