import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { late } from "./late.ts";

export interface Proxy extends AsyncDisposable {
  /** The same server, through this proxy. */
  readonly url: string;
  /** Every connection is reset, and every new one. */
  cut(): void;
  /** The connections there are now are reset; new ones work. */
  reset(): void;
  /** Connections are taken and kept, and nothing answers any more. */
  hang(): void;
  /** As `hang`, for the connections there are now; new ones work, as when a NAT has forgotten the old. */
  forget(): void;
  /** What the server says arrives so many milliseconds later, on connections old and new; 0: at once. */
  delay(milliseconds: number): void;
  /** New connections work again, without delay; those that hung are reset. */
  mend(): void;
}

/** Stands between a client and a real server, so that a test can take the server away and give it back. */
export async function proxyTo(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let state: "open" | "cut" | "hanging" = "open";
  let delayMs = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    if (state === "cut") client.resetAndDestroy();
    if (state !== "open") return;
    const upstream = keep(connect({ host: hostname, port: Number(port) }));
    client.pipe(upstream);
    const answers = late(() => delayMs);
    upstream.pipe(answers).pipe(client);
    client.on("close", () => upstream.destroy());
    // What was said before the end is still under way when there is a delay.
    upstream.on("close", () => (delayMs === 0 ? client.destroy() : answers.end()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const reset = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  const forget = (): void => sockets.forEach((socket) => socket.unpipe().pause());
  const { port: own } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(target), { hostname: "127.0.0.1", port: String(own) }).href,
    cut() {
      state = "cut";
      reset();
    },
    reset,
    forget,
    hang() {
      state = "hanging";
      forget();
    },
    delay(milliseconds) {
      delayMs = milliseconds;
    },
    mend() {
      state = "open";
      delayMs = 0;
      reset();
    },
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
      await once(server, "close");
    },
  };
}
