import { dataError } from "./errors.ts";

declare const brand: unique symbol;

/** A validated tenant id: 1 to 63 of `a-z 0-9 . _ -`, beginning with a letter or digit; or the reserved `@global`. */
export type TenantId = string & { readonly [brand]: "tenant" };

const form = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Rows shared by all tenants: read by everyone, written only by whoever opened the shared scope by name. */
export const GLOBAL = "@global" as TenantId;

const isTenantId = (text: string): text is TenantId => form.test(text);
/** Also true of the reserved one. */
export const isTenant = (text: string): text is TenantId => text === GLOBAL || isTenantId(text);

/** @throws `TENANT_MISSING`, `TENANT_RESERVED`, `TENANT_INVALID` (family data) */
export function tenantId(text: unknown): TenantId {
  if (typeof text !== "string" || text === "")
    throw dataError("TENANT_MISSING", "no tenant was given; name the tenant whose rows are meant");
  if (text.startsWith("@"))
    throw dataError(
      "TENANT_RESERVED",
      `"${text}" is reserved; shared rows are written through the module's shared() scope, never as a tenant`,
    );
  if (!isTenantId(text))
    throw dataError(
      "TENANT_INVALID",
      `"${text}" is no tenant id: 1 to 63 of a-z, 0-9, ".", "_" and "-", beginning with a letter or a digit`,
    );
  return text;
}
