import {
  auditBatch,
  auditRules,
  manualClock,
  seededIds,
  type Aggregate,
  type Audit,
  type AuditShape,
} from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf, whole } from "../contract.ts";
import { appendContract } from "./append.ts";
import { retentionContract } from "./retention.ts";

const noon = new Date("2026-03-01T12:00:00.000Z");
const ids = seededIds(manualClock(noon), 55);

interface Row {
  readonly id: string;
  readonly occurredAt: Date;
}

const entry = (over: { readonly id?: string; readonly targetId?: string; readonly occurredAt?: Date } = {}) => ({
  id: ids.next(),
  actor: "user:1",
  action: "schedule.delete",
  targetKind: "schedule",
  targetId: "a.b/$x",
  details: { before: { enabled: true } },
  occurredAt: noon,
  createdAt: noon,
  updatedAt: noon,
  ...over,
});

export interface AuditSubject<A extends Aggregate<string, AuditShape>> {
  readonly name: string;
  /** `@global` is the shared scope. */
  audit(tenant: string): Audit<A>;
  /** With a register a key that is created again continues above its tombstone. */
  registered(): boolean;
}

/** What every audit trail does. */
export function auditContract<A extends Aggregate<string, AuditShape>>({
  name,
  audit,
  registered,
}: AuditSubject<A>): void {
  const append = (tenant: string, ...entries: readonly unknown[]): Promise<void> =>
    audit(tenant).append(entries as never);
  const of = (targetId: string, tenant = "acme") =>
    whole((page) => audit(tenant).listByTarget("schedule", targetId, page)) as Promise<readonly Row[]>;
  appendContract({
    name,
    repository: (tenant) => audit(tenant) as never,
    make: (id) => entry(id === undefined ? {} : { id }),
    max: auditBatch,
  });
  retentionContract({
    name,
    repository: audit,
    make: (occurredAt, id) => entry({ occurredAt, ...(id === undefined ? {} : { id }) }),
    add: (tenant, item) => append(tenant, item),
    least: auditRules.retain.least,
    registered,
  });

  describe(`${name}, a trail`, () => {
    it(`${name}.listByTarget: gives the newest first, own and shared, of that target alone`, async () => {
      const times = [3, 1, 2, 2, 2].map((n) => new Date(noon.getTime() + n));
      await append("acme", ...times.map((occurredAt) => entry({ occurredAt })), entry({ targetId: "another" }));
      await append("@global", entry({ occurredAt: new Date(noon.getTime() + 2) }));
      await append("umbrella", entry());
      const found = await of("a.b/$x");
      expect(found.map(({ occurredAt }) => occurredAt.getTime() - noon.getTime())).toEqual([3, 2, 2, 2, 2, 1]);
      expect(await of("another")).toHaveLength(1);
      expect(await of("a.b/$x", "@global")).toHaveLength(1);
      expect(await audit("acme").listByTarget("user", "a.b/$x")).toEqual({ items: [], next: null });
      const unstorable = await outcomeOf(() => audit("acme").listByTarget("user", "\0"));
      expect(unstorable).toMatchObject({ error: "VALUE_NUL", path: "targetId" });
    });
  });
}
