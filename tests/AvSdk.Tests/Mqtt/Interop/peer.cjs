// The npm package mqtt as the other client: answers requests, and counts or sends numbered messages.
// peer.cjs PORT answer | take COUNT QOS | send COUNT QOS
const mqtt = require('mqtt');
const [port, what, count, qos] = process.argv.slice(2).map((a, i) => (i === 1 ? a : Number(a)));
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0 });
let done = false;
const fail = (error) => { console.error(error); process.exit(1); };
client.on('error', (error) => done || fail(error));

client.on('connect', () => {
  if (what === 'send') return send(0);
  client.subscribe(what === 'answer' ? 'requests' : 'numbers', { qos: 2 }, (error) => {
    if (error) fail(error);
    console.log('ready');
  });
});

let expected = 0;
let next = 0;
client.on('message', (topic, payload, packet) => {
  const p = packet.properties ?? {};
  if (what === 'answer') {
    const properties = {
      correlationData: p.correlationData, contentType: p.contentType, userProperties: { ...p.userProperties, from: 'peer' },
    };
    client.publish(p.responseTopic, payload.toString().toUpperCase(), { qos: 1, properties }, (error) => error && fail(error));
    return;
  }
  if (packet.qos !== qos || payload.readUInt32LE(0) !== expected) fail(`expected ${expected}, got ${payload.readUInt32LE(0)}`);
  if (++expected !== count) return;
  done = true;
  console.log('took', expected);
  client.end();
});

// It does not keep to the broker's receive maximum by itself.
const underWayMax = 10;
let underWay = 0;
let answered = 0;

function send(number) {
  for (; number < count && underWay < underWayMax; number++, underWay++) {
    const payload = Buffer.alloc(number % 10 === 0 ? 50000 : 4);
    payload.writeUInt32LE(number, 0);
    client.publish('numbers', payload, { qos }, (error) => {
      if (error) fail(error);
      underWay--;
      if (++answered < count) return send(next);
      done = true;
      console.log('sent', answered);
      client.end();
    });
  }
  next = number;
}
