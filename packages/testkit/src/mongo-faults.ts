import { BSON, type Document } from "mongodb";
import { wireProxy, type Conversation, type Listener, type Measure, type WireProxy } from "./wire-proxy.ts";

/**
 * What happens to a command:
 * - `cut`: it never reaches the server, and both sides see the connection end;
 * - `cut in flight`: it is handed on, and the connection ends before an answer can come;
 * - `answer lost`: it is handed on and carried out, and the connection ends when its answer comes;
 * - `silence`: it is handed on, and nothing ever comes back;
 * - `reply`: it never reaches the server, and this is the answer.
 */
export type MongoFault = "cut" | "cut in flight" | "answer lost" | "silence" | { readonly reply: Document };

/** `commit`: commitTransaction. `work`: another command of a transaction, or a write that the driver may send again. `rest`: every other. */
export type MongoMoment = "commit" | "work" | "rest";

/** `transaction` names the session and its number. */
type Choose = (moment: MongoMoment, transaction: string) => MongoFault | undefined;

/** A proxy to a real MongoDB that asks before each command what is to happen to it; undefined: nothing. Not for TLS. */
export async function mongoFaults(target: string, choose: Choose): Promise<WireProxy> {
  const proxy = await wireProxy(target, { client: measure, server: measure }, (conversation) =>
    listener(conversation, choose),
  );
  // The members of a replica set would lead past the proxy.
  const url = new URL(proxy.url);
  url.searchParams.delete("replicaSet");
  url.searchParams.set("directConnection", "true");
  return { ...proxy, url: url.href };
}

const measure: Measure = (bytes) => (bytes.length < 4 ? null : bytes.readInt32LE(0));

/** OP_MSG: header, flags, kind of the first section, then its document. */
const opcodeOfMessage = 2013;
const bodyAt = 16 + 4 + 1;

function listener({ toClient, toServer, cut }: Conversation, choose: Choose): Listener {
  let answering: "pass" | "lose" | "swallow" = "pass";
  return {
    fromClient(message) {
      const fault = faultOf(message, choose);
      if (fault === "cut") return cut();
      if (typeof fault === "object") return toClient(replyTo(message, fault.reply));
      toServer(message);
      if (fault === "cut in flight") cut();
      else if (fault === "answer lost") answering = "lose";
      else if (fault === "silence") answering = "swallow";
    },
    fromServer(message) {
      if (answering === "lose") cut();
      else if (answering === "pass") toClient(message);
    },
  };
}

function faultOf(message: Buffer, choose: Choose): MongoFault | undefined {
  if (message.readInt32LE(12) !== opcodeOfMessage) return undefined;
  const body = message.subarray(bodyAt, bodyAt + message.readInt32LE(bodyAt));
  const command = BSON.deserialize(body, { useBigInt64: true, promoteBuffers: true });
  const numbered = command["txnNumber"] !== undefined;
  const moment = command["commitTransaction"] !== undefined ? "commit" : numbered ? "work" : "rest";
  return choose(moment, numbered ? `${Buffer.from(command["lsid"].id).toString("hex")}/${command["txnNumber"]}` : "");
}

function replyTo(message: Buffer, reply: Document): Buffer {
  const body = BSON.serialize(reply);
  const head = Buffer.alloc(bodyAt);
  head.writeInt32LE(bodyAt + body.length, 0);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(opcodeOfMessage, 12);
  return Buffer.concat([head, body]);
}
