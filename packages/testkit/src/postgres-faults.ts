import { wireProxy, type Conversation, type Listener, type Measure, type WireProxy } from "./wire-proxy.ts";

/**
 * What happens to a flush:
 * - `cut`: it never reaches the server, and both sides see the connection end;
 * - `cut, server kept`: likewise, but the server goes on believing in the connection;
 * - `cut in flight`: it is handed on, and the connection ends before an answer can come;
 * - `answer lost`: it is handed on and carried out, and the connection ends when its first answer comes;
 * - `silence`: it is handed on, and nothing ever comes back;
 * - an SQLSTATE: the server ends the transaction, and the client is told this error, with `fatal` as the end of the connection.
 */
export type PostgresFault =
  | "cut"
  | "cut, server kept"
  | "cut in flight"
  | "answer lost"
  | "silence"
  | { readonly sqlstate: string; readonly fatal?: boolean };

/** `login`: the first message of a connection. `commit`: a flush that is COMMIT alone. `work`: every other one. */
export type PostgresMoment = "login" | "commit" | "work";

/** `application` is the connection's `application_name`. */
type Choose = (moment: PostgresMoment, application: string) => PostgresFault | undefined;

/** A proxy to a real PostgreSQL that asks before each flush what is to happen to it; undefined: nothing. Not for TLS. */
export function postgresFaults(target: string, choose: Choose): Promise<WireProxy> {
  return wireProxy(target, { client: asClient, server: asServer }, (conversation) => listener(conversation, choose));
}

const asServer: Measure = (bytes) => (bytes.length < 5 ? null : 1 + bytes.readUInt32BE(1));
/** The first message of a client has no type. */
const asClient: Measure = (bytes, first) =>
  first ? (bytes.length < 4 ? null : bytes.readUInt32BE(0)) : asServer(bytes, false);

const typeOf = (message: Buffer): string => String.fromCodePoint(message[0] ?? 0);
const textAt = (message: Buffer, start: number): string => message.toString("utf8", start, message.indexOf(0, start));

function listener({ toClient, toServer, cut }: Conversation, choose: Choose): Listener {
  /** Names of parsed statements, and those bound in the flush that is being collected. */
  const texts = new Map<string, string>();
  let flush: Buffer[] = [];
  let bound: string[] = [];
  let login = true;
  let application = "";
  let answering: "pass" | "lose" | "swallow" = "pass";
  /** To be told once the server has ended the transaction. */
  let instead: Buffer | undefined;

  const fail = (sqlstate: string, fatal: boolean): void => {
    if (fatal) {
      toClient(errorOf(sqlstate, "FATAL"));
      // After what was written.
      setImmediate(() => cut());
      return;
    }
    instead = Buffer.concat([errorOf(sqlstate, "ERROR"), ready]);
    answering = "swallow";
    toServer(queryOf("rollback"));
  };
  const pass = (): void => flush.forEach(toServer);
  const act = (moment: PostgresMoment): void => {
    const fault = choose(moment, application);
    if (fault === undefined) return pass();
    if (fault === "cut") return cut();
    if (fault === "cut, server kept") return cut("server kept");
    if (typeof fault === "object") return fail(fault.sqlstate, fault.fatal ?? moment === "login");
    pass();
    if (fault === "cut in flight") cut();
    else answering = fault === "silence" ? "swallow" : "lose";
  };
  return {
    fromClient(message) {
      flush.push(message);
      const type = login ? "login" : typeOf(message);
      if (login) application = /application_name\0([^\0]*)/.exec(message.toString("utf8"))?.[1] ?? "";
      if (type === "P") {
        const name = textAt(message, 5);
        texts.set(name, textAt(message, 6 + Buffer.byteLength(name)));
      }
      if (type === "B") {
        const portal = textAt(message, 5);
        bound.push(texts.get(textAt(message, 6 + Buffer.byteLength(portal))) ?? "");
      }
      if (type === "Q") bound.push(textAt(message, 5));
      // What a login is answered with belongs to it.
      if (type === "p" || type === "X") pass();
      else if (type === "login") act("login");
      else if (type === "S" || type === "Q")
        act(bound.length === 1 && bound[0]?.toLowerCase() === "commit" ? "commit" : "work");
      else return;
      login = false;
      flush = [];
      bound = [];
    },
    fromServer(message) {
      if (answering === "lose") return cut();
      if (answering === "pass") return toClient(message);
      if (instead === undefined || typeOf(message) !== "Z") return;
      answering = "pass";
      toClient(instead);
      instead = undefined;
    },
  };
}

const framed = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};
const errorOf = (sqlstate: string, severity: string): Buffer =>
  framed("E", Buffer.from(`S${severity}\0V${severity}\0C${sqlstate}\0Minjected ${sqlstate}\0\0`));
const ready = framed("Z", Buffer.from("I"));
const queryOf = (text: string): Buffer => framed("Q", Buffer.from(`${text}\0`));
