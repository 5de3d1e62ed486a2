import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { late } from "../src/late.ts";
import { proxyTo, type Proxy } from "../src/proxy.ts";

const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
let proxy: Proxy;
beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await proxyTo(`tcp://127.0.0.1:${(echo.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  echo.close();
});

async function client(): Promise<Socket> {
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.on("error", () => {}).once("close", () => resolve()));

async function said(socket: Socket, length: number): Promise<string> {
  let text = "";
  while (text.length < length) text += String((await once(socket, "data"))[0]);
  return text;
}

test("an open proxy passes on what is said", async () => {
  const socket = await client();
  socket.write("hello");
  expect(await said(socket, 5)).toBe("hello");
  socket.destroy();
});

test("what is said under a delay arrives later, in order, also when the delay ends meanwhile", async () => {
  let delay = 20;
  const pipe = late(() => delay);
  pipe.write("1");
  delay = 0;
  pipe.end("2");
  let text = "";
  const begun = performance.now();
  for await (const piece of pipe) text += String(piece);
  expect(text).toBe("12");
  // A timer is never early, but for its rounding.
  expect(performance.now() - begun).toBeGreaterThan(10);
});

test("a delay holds up answers on connections that were there before it", async () => {
  const socket = await client();
  proxy.delay(20);
  const begun = performance.now();
  socket.write("slow");
  expect(await said(socket, 4)).toBe("slow");
  expect(performance.now() - begun).toBeGreaterThan(10);
  proxy.delay(0);
  socket.destroy();
});

test("a reset ends the connections there are, and new ones work", async () => {
  const socket = await client();
  const ended = closed(socket);
  proxy.reset();
  await ended;
  const next = await client();
  next.write("again");
  expect(await said(next, 5)).toBe("again");
  next.destroy();
});

test("a cut refuses new connections too, until it is mended", async () => {
  proxy.cut();
  await closed(connect(Number(new URL(proxy.url).port), "127.0.0.1"));
  proxy.mend();
  const next = await client();
  next.write("back");
  expect(await said(next, 4)).toBe("back");
  next.destroy();
});
