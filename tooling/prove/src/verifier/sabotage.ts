import { BSON } from "mongodb";
import type { CompareOptions, CompareSides } from "@stellaops/cutover";
import type { Aggregate } from "@stellaops/kernel";

type Sabotage = NonNullable<CompareOptions["sides"]>;

export const sabotages: Readonly<Record<string, string>> = {
  "revisions-only": "rows of one revision count as equal, whatever they hold",
  "skip-last-range": "the last range of each table counts as equal",
  "ignore-undeclared": "fields that no aggregate describes are not seen",
  "ignore-registers": "register entries are not held against their rows",
  "blind-to-pending": "pending marks are not seen, so that what is on its way looks stale",
};

/** Stands between the comparison and the databases. */
export const sabotageOf: Readonly<Record<string, Sabotage>> = {
  "revisions-only": ({ mongo, postgres }) => ({
    mongo,
    postgres: {
      ...postgres,
      async read(keys) {
        const documents = await mongo.read(keys);
        return (await postgres.read(keys)).map((row, i) => {
          const document = documents[i]?.record;
          return document?.revision === row.record?.revision ? { ...row, record: document ?? row.record } : row;
        });
      },
    },
  }),
  "skip-last-range": ({ mongo, postgres }) => ({
    mongo,
    postgres: {
      ...postgres,
      digest: async (range, expected) =>
        range.upTo === null && expected !== null
          ? { tables: expected, contradictions: 0, unregistered: 0 }
          : postgres.digest(range, expected),
    },
  }),
  "ignore-undeclared": ({ mongo, postgres }, definition) => ({
    postgres,
    mongo: {
      ...mongo,
      async *documents(range) {
        for await (const batch of mongo.documents(range)) yield batch.map((bytes) => declaredOnly(bytes, definition));
      },
    },
  }),
  "ignore-registers": ({ mongo, postgres }) => ({
    mongo: { ...mongo, async *entries() {}, async *elsewhere() {} },
    postgres: {
      ...postgres,
      digest: async (range, expected) => ({
        ...(await postgres.digest(range, expected)),
        contradictions: 0,
        unregistered: 0,
      }),
    },
  }),
  "blind-to-pending": ({ mongo, postgres }) => ({ mongo: withoutPending(mongo), postgres }),
};

const withoutPending = (mongo: CompareSides["mongo"]): CompareSides["mongo"] => ({
  ...mongo,
  read: async (keys) =>
    (await mongo.read(keys)).map((state) => ({
      ...state,
      register: state.register === null ? null : { ...state.register, pending: false },
    })),
});

function declaredOnly(bytes: Buffer, { shape, derived }: Aggregate): Buffer {
  const document = BSON.deserialize(bytes, { promoteValues: false });
  const known = ["_id", "tenantId", "revision", ...Object.keys(shape), ...Object.keys(derived)];
  if (Object.keys(document).every((name) => known.includes(name))) return bytes;
  const declared = Object.fromEntries(Object.entries(document).filter(([name]) => known.includes(name)));
  return Buffer.from(BSON.serialize(declared));
}
