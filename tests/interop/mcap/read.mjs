// Reads a segment with @mcap/core and says what is in it, as one JSON object. The pictures are decoded with the schema in the file.
//   node read.mjs FILE
import { open, readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { McapIndexedReader, McapStreamReader } from "@mcap/core";
import protobuf from "protobufjs";

createRequire(import.meta.url)("protobufjs/ext/descriptor"); // gives Root its fromDescriptor

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

// The decoder of a schema: its data is a FileDescriptorSet with all that it imports.
function decoderOf(schema) {
  if (schema.encoding !== "protobuf") throw new Error(`schema ${schema.name} is ${schema.encoding}`);
  const type = protobuf.Root.fromDescriptor(schema.data).lookupType(schema.name);
  return (message) => type.toObject(type.decode(message.data), { longs: String, enums: String });
}

// One message, as plain values.
function told(message, decoded, topic) {
  const common = { logTime: `${message.logTime}`, publishTime: `${message.publishTime}`, mcapSequence: message.sequence };
  // protobufjs makes of a map in a descriptor the list of pairs that it is on the wire.
  if (decoded.metadata) decoded.metadata = Object.fromEntries(decoded.metadata.map(({ key, value }) => [key, value]));
  if (!topic.endsWith("/picture")) return { ...common, ...decoded };
  const { data, timestamp, ...rest } = decoded;
  return { ...common, ...rest, seconds: `${timestamp.seconds ?? 0}`, nanos: timestamp.nanos ?? 0, length: data.length, sha256: hash(data) };
}

class Account {
  constructor() {
    this.decoders = new Map();
    this.channels = new Map();
    this.order = [];
  }
  add(channel, schema, message) {
    if (!this.decoders.has(schema.name)) this.decoders.set(schema.name, decoderOf(schema));
    const known = this.channels.get(channel.topic) ?? { topic: channel.topic, schema: schema.name, encoding: channel.messageEncoding, messages: [] };
    this.channels.set(channel.topic, known);
    known.messages.push(told(message, this.decoders.get(schema.name)(message), channel.topic));
    this.order.push(`${channel.topic} ${message.sequence}`);
  }
  toJSON() {
    return { channels: [...this.channels.values()], order: this.order };
  }
}

// By the summary's index, as Foxglove does. Null for a file that was not closed.
async function byIndex(path) {
  const file = await open(path);
  try {
    const readable = {
      size: async () => BigInt((await file.stat()).size),
      read: async (offset, length) => {
        const bytes = new Uint8Array(Number(length));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(offset));
        if (bytesRead !== bytes.length) throw new Error(`the file ends before ${offset + length}`);
        return bytes;
      },
    };
    const reader = await McapIndexedReader.Initialize({ readable });
    const account = new Account();
    for await (const message of reader.readMessages({ validateCrcs: true })) {
      const channel = reader.channelsById.get(message.channelId);
      account.add(channel, reader.schemasById.get(channel.schemaId), message);
    }
    const metadata = {};
    for await (const record of reader.readMetadata()) metadata[record.name] = Object.fromEntries(record.metadata);
    const { messageCount, chunkCount, channelMessageCounts, messageStartTime, messageEndTime } = reader.statistics;
    return {
      ...account.toJSON(),
      library: reader.header.library,
      metadata,
      statistics: {
        messages: Number(messageCount),
        chunks: chunkCount,
        byChannel: Object.fromEntries([...channelMessageCounts].map(([id, count]) => [reader.channelsById.get(id).topic, Number(count)])),
        start: `${messageStartTime}`,
        end: `${messageEndTime}`,
      },
      summaryGroups: [...reader.summaryOffsetsByOpcode.keys()].sort((a, b) => a - b),
    };
  } finally {
    await file.close();
  }
}

// From the first byte to the last, every record.
async function byStream(path) {
  const reader = new McapStreamReader({ validateCrcs: true });
  const [account, schemas, channels, records] = [new Account(), new Map(), new Map(), []];
  reader.append(await readFile(path));
  for (let record; (record = reader.nextRecord()); ) {
    if (record.type === "Schema") schemas.set(record.id, record);
    else if (record.type === "Channel") channels.set(record.id, record);
    else if (record.type === "Message") account.add(channels.get(record.channelId), schemas.get(channels.get(record.channelId).schemaId), record);
    if (record.type !== "Message") records.push(record.type);
  }
  return { ...account.toJSON(), isWhole: reader.done(), left: reader.bytesRemaining(), records };
}

// What a reader threw is part of the answer.
const outcome = (reading) => reading.catch((error) => ({ error: error.message }));

const path = process.argv[2];
console.log(JSON.stringify({ indexed: await outcome(byIndex(path)), streamed: await outcome(byStream(path)) }));
