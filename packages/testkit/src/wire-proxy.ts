import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One connection through the proxy, message by message. */
export interface Conversation {
  toClient(message: Buffer): void;
  toServer(message: Buffer): void;
  /** The client sees a reset. `keep`: the server is not told, as when a network falls silent. */
  cut(keep?: "server kept"): void;
}

export interface Listener {
  fromClient(message: Buffer): void;
  fromServer(message: Buffer): void;
}

export interface WireProxy extends AsyncDisposable {
  /** The same server, through this proxy. */
  readonly url: string;
}

/** How long the message at the beginning is, or null while that cannot be told. `first`: nothing has gone this way before. */
export type Measure = (bytes: Buffer, first: boolean) => number | null;

/** Stands between a client and a real server and hands on whole messages, so that a test can act at an exact one. */
export async function wireProxy(
  target: string,
  measures: { readonly client: Measure; readonly server: Measure },
  listen: (conversation: Conversation) => Listener,
): Promise<WireProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket
      .setNoDelay(true)
      .on("close", () => sockets.delete(socket))
      .on("error", () => {});
  };
  const server = createServer((client) => {
    keep(client);
    const upstream = keep(connect({ host: hostname, port: Number(port) }));
    let over = false;
    let kept = false;
    const listener = listen({
      toClient: (message) => void (over || client.write(message)),
      toServer: (message) => void (upstream.destroyed || upstream.write(message)),
      cut(how) {
        over = true;
        kept = how === "server kept";
        client.resetAndDestroy();
      },
    });
    client.on(
      "data",
      messages(measures.client, (message) => over || listener.fromClient(message)),
    );
    upstream.on(
      "data",
      messages(measures.server, (message) => over || listener.fromServer(message)),
    );
    // Whatever was written before still goes out: a COMMIT that was handed on is not taken back.
    client.on("close", () => void (kept || upstream.end()));
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(target), { hostname: "127.0.0.1", port: String(own) }).href,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.resetAndDestroy();
      server.close();
      await once(server, "close");
    },
  };
}

function messages(measure: Measure, take: (message: Buffer) => unknown): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const length = measure(rest, first);
      if (length === null || rest.length < length) return;
      first = false;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      take(message);
    }
  };
}
