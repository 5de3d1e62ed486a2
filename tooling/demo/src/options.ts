import { parseArgs } from "node:util";

export interface DemoOptions {
  /** A real OSV feed instead of generated records. */
  readonly feed: string | null;
  /** Generated records, when there is no feed. */
  readonly documents: number;
  readonly json: boolean;
  /** Leaves the two servers running at the end and says where they are. */
  readonly keep: boolean;
}

export const usage = `pnpm demo [--feed PATH] [--documents N] [--json] [--keep]

Moves the vuln module from MongoDB to PostgreSQL, back, and there again, on two real servers, while two services write and read.

  --feed PATH      import this OSV feed (ndjson, folder or zip) instead of generated records
  --documents N    how many records to generate (4000)
  --json           print one JSON object as the last line
  --keep           leave the servers running at the end

Ends with 0 only if no acknowledged write was lost and nothing differs.`;

/** Null where only the usage was asked for. @throws TypeError on an unknown option */
export function demoOptions(args: readonly string[]): DemoOptions | null {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      feed: { type: "string" },
      documents: { type: "string", default: "4000" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const documents = Number(values.documents);
  if (!Number.isInteger(documents) || documents < 1)
    throw new TypeError(`--documents takes a whole number above 0, not "${values.documents}"`);
  return { feed: values.feed ?? null, documents, json: values.json, keep: values.keep };
}
