import {
  codeOf,
  GLOBAL,
  isDataLayerError,
  normalise,
  normalisePart,
  tenantId,
  type Aggregate,
  type TenantId,
} from "@stellaops/kernel";
import { documentCodec, type StoredDocument } from "@stellaops/mongo";
import { BSON } from "mongodb";
import { readDocument, type Document } from "../compare/mongo/bson.ts";
import { layoutOf } from "../compare/layout.ts";
import { mongoRecord } from "../compare/mongo/forms.ts";
import { memberValue, wholeOf } from "./convert.ts";
import { derivedId } from "./derived-id.ts";
import type { CollectionMapping } from "./mapping.ts";
import type { Refusal, Refuse } from "./refusal.ts";
import { reshape } from "./reshape.ts";

export interface FitOptions {
  /** Whose the documents are that name no tenant; null: those are refused. */
  readonly tenant: TenantId | null;
  readonly mapping: CollectionMapping;
}

/** A document that the module can hold. */
export interface Fitting {
  readonly fits: true;
  /** Its `_id`, as it is stored. */
  readonly name: unknown;
  readonly tenant: TenantId;
  readonly id: string;
  /** The id is the one that is made from the ObjectId. */
  readonly derived: boolean;
  /** Null where it has none yet. */
  readonly revision: bigint | null;
  /** The aggregate, as repositories give it. */
  readonly value: Readonly<Record<string, unknown>>;
  /** It is stored exactly as a repository would store it. */
  readonly inPlace: boolean;
  /** As a repository would store it at that revision, without `_id`. */
  document(revision: bigint): StoredDocument;
}

export interface Misfit {
  readonly fits: false;
  readonly name: unknown;
  readonly refusals: readonly Refusal[];
}

export type Fit = Fitting | Misfit;

/** Reads raw documents of one collection; every value goes through the rules of the repositories. */
export function fitterOf(aggregate: Aggregate, { tenant, mapping }: FitOptions): (bytes: Uint8Array) => Fit {
  const layout = layoutOf(aggregate);
  const codec = documentCodec(aggregate);
  return (bytes) => {
    const { document: stored, valid } = readDocument(bytes);
    const name = stored["_id"];
    const refusals: Refusal[] = [];
    const refuse: Refuse = (path, code, message) => void refusals.push({ path, code, message });
    if (!valid) refuse("", "VALUE_NOT_WELL_FORMED", "holds bytes that are no UTF-8, which reading would change");
    const shaped = reshape(aggregate, mapping, stored, refuse);
    const owner = tenantOf(shaped["tenantId"], tenant, refuse);
    const revision = revisionOf(shaped["revision"], refuse);
    const value = valueOf(aggregate, shaped, refuse);
    if (owner === null || value === null || refusals.length > 0) return { fits: false, name, refusals };
    const document = (at: bigint): StoredDocument => codec.encode(value as never, owner, at);
    const same = (): boolean => {
      const { record } = mongoRecord(layout, bytes);
      if (record.issues.length > 0 || revision === null || revision === 0n) return false;
      return mongoRecord(layout, BSON.serialize(document(revision))).record.line === record.line;
    };
    return {
      fits: true,
      name,
      tenant: owner,
      id: String(value["id"]),
      value,
      derived: name instanceof BSON.ObjectId && value["id"] === derivedId(name),
      revision,
      inPlace: same(),
      document,
    };
  };
}

type Value = Readonly<Record<string, unknown>>;

/** Member by member, so that each is told that does not fit, and then as a whole. */
function valueOf(aggregate: Aggregate, shaped: Document, refuse: Refuse): Value | null {
  let whole = true;
  const fail: Refuse = (path, code, message) => {
    whole = false;
    return refuse(path, code, message);
  };
  const clean = Object.entries(aggregate.shape).map(([name, member]): [string, unknown] => {
    let readable = true;
    const value = memberValue(member, shaped[name], name, (...refusal) => {
      readable = false;
      return fail(...refusal);
    });
    return [
      name,
      readable
        ? kernelRules(fail, () => normalisePart<Aggregate, "id">(aggregate, { [name]: value } as never)[name as "id"])
        : value,
    ];
  });
  if (!whole) return null;
  const value = Object.fromEntries(clean);
  return kernelRules(refuse, () => normalise(aggregate, value)) === undefined ? null : value;
}

function kernelRules<T>(refuse: Refuse, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isDataLayerError(error)) throw error;
    const { path = "" } = error.details as { readonly path?: string };
    // "advisory: title is longer than …": the path is told beside it.
    return refuse(path, error.code, error.message.replace(/^[^:]*: /, "").replace(`${path} `, ""));
  }
}

function tenantOf(stored: unknown, given: TenantId | null, refuse: Refuse): TenantId | null {
  if (stored === GLOBAL) return GLOBAL;
  if ((stored === undefined || stored === null) && given !== null) return given;
  try {
    return tenantId(stored ?? undefined);
  } catch (error) {
    refuse(
      "tenantId",
      codeOf(error) ?? "TENANT_INVALID",
      stored === undefined ? "is missing; name it with --tenant" : "is no tenant id",
    );
    return null;
  }
}

const highest = 2n ** 63n - 2n;

function revisionOf(stored: unknown, refuse: Refuse): bigint | null {
  if (stored === undefined || stored === null) return null;
  const whole = wholeOf(stored);
  if (whole !== null && whole >= 0n && whole < highest) return whole;
  refuse("revision", "VALUE_INVALID", "is no whole number from 0 on");
  return null;
}
