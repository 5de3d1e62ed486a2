import { snake, type ClaimRequest, type Queue } from "@stellaops/kernel";
import type { Statement } from "./batch.ts";
import {
  changeStatement,
  changeText,
  childPut,
  columnFor,
  registerSlots,
  returned,
  type Parameters,
} from "./guarded.ts";
import type { Position } from "./hints.ts";
import { literal } from "./literal.ts";
import { Text } from "./statement.ts";
import type { Unit } from "./unit.ts";

export interface Claiming {
  readonly queue: Queue;
  readonly request: ClaimRequest;
  readonly limit: number;
  /** What is written beside attempt and revision: the same fields at each claim of a queue. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Of each rank: where to begin. */
  readonly bounds: readonly Position[];
}

const equalities = (queue: Queue, values: Readonly<Record<string, unknown>>): readonly string[] => {
  const of = columnFor(queue.definition);
  return Object.entries(values).map(([name, value]) =>
    value === null ? `t."${of(name).column}" is null` : `t."${of(name).column}" = ${literal(value)}`,
  );
};

/** Of each queue: by limit and whether a register is kept, since nothing else of a text differs from claim to claim. */
const texts = new WeakMap<Queue, Map<string, Text>>();

function textOf(queue: Queue, key: string, make: () => string): Text {
  let made = texts.get(queue);
  if (made === undefined) texts.set(queue, (made = new Map()));
  let text = made.get(key);
  if (text === undefined) made.set(key, (text = new Text(make())));
  return text;
}

/**
 * One statement: candidates of each rank in order, as many as are still wanted, those that others hold skipped; then the change. One scan a
 * rank, each with a bound of its own: one scan over all ranks could have none.
 */
export function claimStatement(claiming: Claiming, params: Parameters, { register }: Unit): Statement {
  const { queue, request, limit, set, bounds } = claiming;
  const { definition, rank, status } = queue;
  const of = columnFor(definition);
  const at = params.add("instant", request.at);
  const froms = Array.from({ length: rank?.ranks ?? 1 }, (_, i) => {
    const { at: from, id } = bounds[i] ?? { at: null, id: null };
    return `(${params.raw(from, "timestamptz")}, ${params.raw(id, "uuid")})`;
  });
  const sets = Object.entries(set).map(([field, value]) => {
    const { column, kind } = of(field);
    return `"${column}" = ${params.add(kind, value)}`;
  });
  const event = status === null ? null : queue.event(status.taken, request.at, null);
  const ctes = event === null ? [] : [childPut(definition, event, params)];
  const slots = registerSlots(params, register);
  // The parameters were added above, in the same order each time.
  const text = textOf(queue, `${limit} ${slots !== null}`, () =>
    changeText(definition, { change: claimChange({ queue, limit, at, froms, sets }), ctes, slots }),
  );
  return text.bind(params.values);
}

interface ClaimChange extends Pick<Claiming, "queue" | "limit"> {
  readonly at: string;
  /** Of each rank. */
  readonly froms: readonly string[];
  readonly sets: readonly string[];
}

function claimChange({ queue, limit, at, froms, sets }: ClaimChange): string {
  const { definition, rank, status } = queue;
  const name = `"${definition.module}"."${definition.table}"`;
  const due = `"${columnFor(definition)(queue.due).column}"`;
  const free = status === null ? [`(t.lease_until is null or t.lease_until <= ${at})`] : [];
  const scans = froms.map((from, i) => {
    const ranked = rank === null ? [] : [`t."${snake(rank.field)}" = ${i}`];
    const where = ["t.tenant_id = $1", ...equalities(queue, queue.only), ...ranked, ...free];
    return `select id from (select t.id from ${name} t where ${where.join(" and ")} and t.${due} <= ${at} and (t.${due}, t.id) >= ${from}
 order by t.${due}, t.id limit ${limit} for update skip locked) r${i}`;
  });
  // Arms are begun in order and only while more are wanted, so that none locks what is not taken. Limits are written out: of a limit that is a
  // parameter planners expect a tenth of the table, and so plan anew at each call.
  const found = `select id from (${scans.join("\n union all ")}) found limit ${limit}`;
  const attempts = `"${columnFor(definition)(queue.attempts).column}"`;
  return `update ${name} set ${[...sets, `${attempts} = ${attempts} + 1`, "revision = revision + 1"].join(", ")}
 where tenant_id = $1 and id = any (array(${found})) returning ${returned(definition)}`;
}

export interface Expiring {
  readonly queue: Queue;
  readonly at: Date;
  readonly limit: number;
  readonly set: Readonly<Record<string, unknown>>;
  /** The status it gets, and which rows: those that were tried fewer times than the most there may be, or the others. */
  readonly to: string;
  readonly tried: "<" | ">=" | null;
}

/** Rows whose lease ran out, the longest ago first. */
export function expiryStatement(expiring: Expiring, params: Parameters, { register }: Unit): Statement {
  const { queue, at, limit, set, to, tried } = expiring;
  const { definition, status, maxAttempts } = queue;
  const name = `"${definition.module}"."${definition.table}"`;
  const of = columnFor(definition);
  const sets = Object.entries(set).map(([field, value]) => {
    const { column, kind } = of(field);
    return `"${column}" = ${params.add(kind, value)}`;
  });
  const attempts =
    tried === null ? "" : ` and t."${of(queue.attempts).column}" ${tried} ${params.add("count", maxAttempts)}`;
  const over = `select t.id from ${name} t where t.tenant_id = $1 and t.status = ${literal(status?.taken)} and t.lease_until <= ${params.add("instant", at)}${attempts} order by t.lease_until, t.id limit ${params.raw(limit, "bigint")} for update skip locked`;
  const change = `with over as (${over})
 update ${name} set ${[...sets, "revision = revision + 1"].join(", ")} where tenant_id = $1 and id = any (array(select id from over)) returning id, revision`;
  const event = queue.event(to, at, "the lease ran out");
  const ctes = event === null ? [] : [childPut(definition, event, params)];
  return changeStatement(definition, { change, ctes, params, register });
}
