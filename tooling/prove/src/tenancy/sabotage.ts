import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import type { Document } from "mongodb";
import type { Rig } from "../rig.ts";

export const sabotages = {
  "session-setting": "the tenant is set for the session, so that it stays on the connection",
  "no-policy": "the policies of advisories are lifted, while a statement forgets the tenant",
  "mongo-no-filter": "filters on MongoDB lose the tenant",
  "mongo-wrong-tenant": "now and then a document is written under another tenant",
} as const;

export async function sabotaged(rig: Rig, postgres: Postgres, sabotage: string | null): Promise<void> {
  if (sabotage === "no-policy") await rig.sql("alter table vuln.advisories disable row level security");
  if (sabotage === "session-setting")
    postgres.pool.on("connect", (client) => void client.query("select set_config('app.tenant_id', 'acme', false)"));
}

type Method = (...args: unknown[]) => unknown;

/** The same database, asked otherwise. */
export function sabotagedMongo(mongo: Mongo, sabotage: string | null): Mongo {
  const change =
    sabotage === "mongo-no-filter" ? withoutTenant : sabotage === "mongo-wrong-tenant" ? wrongTenant() : null;
  if (change === null) return mongo;
  const collection = (name: string) =>
    new Proxy(mongo.db.collection(name), {
      get(of, method) {
        const found: unknown = Reflect.get(of, method, of);
        if (typeof found !== "function" || name !== "advisories") return found;
        return (...args: readonly unknown[]) => (found as Method).apply(of, [...change(String(method), args)]);
      },
    });
  const db = new Proxy(mongo.db, {
    get: (of, name) => (name === "collection" ? collection : Reflect.get(of, name, of)),
  });
  return { ...mongo, db };
}

const withoutTenant = (method: string, args: readonly unknown[]): readonly unknown[] => {
  const [first, ...rest] = args;
  if (method === "find") return [strip(first as Document), ...rest];
  if (method !== "aggregate") return args;
  const [match, ...stages] = first as readonly Document[];
  return [
    match !== undefined && "$match" in match ? [{ $match: strip(match["$match"] as Document) }, ...stages] : first,
    ...rest,
  ];
};

const strip = ({ tenantId: _tenantId, ...filter }: Document): Document => filter;

function wrongTenant() {
  let inserts = 0;
  return (method: string, args: readonly unknown[]): readonly unknown[] => {
    const [first, ...rest] = args;
    if (method !== "insertMany" || (inserts += 1) % 7 !== 0) return args;
    return [
      (first as readonly Document[]).map((one) => ({
        ...one,
        _id: `x/${inserts}/${String(one["_id"])}`,
        tenantId: "hooli-2",
      })),
      ...rest,
    ];
  };
}
