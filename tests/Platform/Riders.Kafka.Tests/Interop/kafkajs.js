// Writes the records of a file to a topic, or reads a topic from its beginning, a line of JSON for each record:
// node kafkajs.js BROKERS produce TOPIC FILE | consume TOPIC COUNT
const { Kafka, logLevel } = require('kafkajs');
const { readFileSync } = require('fs');

const [brokers, verb, topic, argument] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'kafkajs', brokers: brokers.split(','), logLevel: logLevel.ERROR });

const produce = async () => {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: JSON.parse(readFileSync(argument)).map(({ key, value, headers }) => ({ key, value, headers })) });
  await producer.disconnect();
};

const consume = async () => {
  const consumer = kafka.consumer({ groupId: `kafkajs-${topic}` });
  let left = Number(argument);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value.toString()]));
      console.log(JSON.stringify({ partition, key: message.key.toString(), value: message.value.toString(), headers }));
      if (--left === 0) process.exit(0);
    },
  });
};

(verb === 'produce' ? produce() : consume()).catch((error) => { console.error(error); process.exit(1); });
