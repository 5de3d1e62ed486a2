import { nameText, type Refusal } from "@stellaops/cutover";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

/** One line of JSON for each document that was refused, or whose id is made from its ObjectId. */
export interface Report {
  refused(collection: string, name: unknown, refusals: readonly Refusal[]): Promise<void>;
  derived(collection: string, name: unknown, key: { readonly tenant: string; readonly id: string }): Promise<void>;
  /** Ends when the file is complete. */
  close(): Promise<void>;
}

/** Written as it comes: there may be as many lines as documents. */
export function reportTo(path: string | undefined): Report {
  if (path === undefined) return { refused: nothing, derived: nothing, close: nothing };
  const stream = createWriteStream(path);
  let failed: unknown;
  stream.on("error", (error) => (failed = error));
  const write = async (line: object): Promise<void> => {
    if (failed !== undefined) throw failed;
    if (!stream.write(`${JSON.stringify(line)}\n`)) await Promise.race([once(stream, "drain"), once(stream, "close")]);
  };
  return {
    refused: (collection, name, refusals) => write({ collection, _id: JSON.parse(nameText(name)), refusals }),
    derived: (collection, name, key) => write({ collection, _id: JSON.parse(nameText(name)), ...key }),
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();
