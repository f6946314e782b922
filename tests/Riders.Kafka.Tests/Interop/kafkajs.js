// Reads one record of a topic, and writes what it says to another: node kafkajs.js BROKERS FROM TO
const { Kafka, logLevel } = require('kafkajs');

const [brokers, from, to] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'kafkajs', brokers: brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `kafkajs-${from}` });
const producer = kafka.producer();

(async () => {
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topic: from, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const measured = JSON.parse(message.value.toString());
      const tenant = message.headers['tenant-id'].toString();
      await producer.send({
        topic: to,
        messages: [{ key: message.key, value: JSON.stringify({ place: measured.place, number: measured.number + 1 }), headers: { 'tenant-id': tenant } }],
      });
      process.exit(0);
    },
  });
})().catch((error) => { console.error(error); process.exit(1); });
