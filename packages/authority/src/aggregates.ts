import {
  choice,
  count,
  definitions,
  flag,
  fold,
  folded,
  id,
  instant,
  json,
  set,
  secret,
  setOf,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import { limits } from "./domain/license-limits.ts";
import type { DB } from "./postgres/generated/database.ts";

const { aggregate } = definitions<DB>("authority");

/** Who the rows of a tenant belong to; one row, in that tenant itself. */
export const tenants = aggregate(
  "tenants",
  "tenant",
  {
    displayName: text(200),
    status: choice("active", "suspended", "deleted"),
    settings: json(),
  },
  { unique: [[]] },
);
export interface Tenant extends AggregateOf<typeof tenants> {}

/** Who logs in. Names and addresses are unique whatever their case. */
export const users = aggregate(
  "users",
  "user",
  {
    username: text(200),
    email: text(320).orNull,
    displayName: text(200).orNull,
    /** As `hashPassword` gives it; null where another system checks the password. */
    passwordHash: secret("phc").orNull,
    status: choice("active", "disabled", "locked"),
    /** Failures since the last success. */
    failedAttempts: count(),
    /** Until when the failures have locked it; null while locked: until somebody unlocks it. */
    lockedUntil: instant().orNull,
    lastLoginAt: instant().orNull,
    attributes: json(),
    roles: setOf("user_roles", ["roleId"], {
      roleId: id(),
      grantedBy: text(200),
      grantedAt: instant(),
      expiresAt: instant().orNull,
    }),
  },
  {
    unique: [["usernameFolded"], ["emailFolded"]],
    indexes: [["roles.roleId"]],
    derived: {
      usernameFolded: { field: folded(), of: "username", from: ({ username }) => fold(username) },
      emailFolded: {
        field: folded().orNull,
        of: "email",
        from: ({ email }) => (email === null ? null : fold(email)),
      },
    },
  },
);
export interface User extends AggregateOf<typeof users> {}
export type UserRole = User["roles"][number];

/** What a user may do, as a set of scopes. Shared roles lie in `@global` and are granted by all tenants. */
export const roles = aggregate(
  "roles",
  "role",
  {
    name: text(200),
    displayName: text(200),
    description: text(2_000).orNull,
    scopes: set(200),
    /** Never deleted, and never made a common one. */
    isSystem: flag(),
  },
  { unique: [["name"]] },
);
export interface Role extends AggregateOf<typeof roles> {}

/** A program that acts for itself, through the clients it has authorised. */
export const serviceAccounts = aggregate(
  "service_accounts",
  "service_account",
  {
    accountId: text(200),
    displayName: text(200),
    allowedScopes: set(200),
    authorizedClients: set(200),
    enabled: flag(),
  },
  { unique: [["accountId"]] },
);
export interface ServiceAccount extends AggregateOf<typeof serviceAccounts> {}

/** A program that asks for tokens. */
export const clients = aggregate(
  "clients",
  "client",
  {
    clientId: text(200),
    name: text(200),
    kind: choice("confidential", "public"),
    /** As `hashPassword` gives it; public clients have none. */
    secretHash: secret("phc").orNull,
    grantTypes: set(100),
    redirectUris: set(2_000),
    allowedScopes: set(200),
    senderConstraint: choice("none", "dpop", "mtls"),
    certificateThumbprints: set(200),
    enabled: flag(),
    properties: json(),
  },
  { unique: [["clientId"]] },
);
export interface Client extends AggregateOf<typeof clients> {}

/** What a token may be asked for, and what it then says. */
export const scopes = aggregate(
  "scopes",
  "scope",
  {
    name: text(200),
    description: text(2_000).orNull,
    resources: set(400),
    claims: set(200),
  },
  { unique: [["name"]] },
);
export interface ScopeDefinition extends AggregateOf<typeof scopes> {}

export const tokenKinds = ["access", "refresh", "authorization_code", "device_code"] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** What was handed out, known by the hash of its reference only. */
export const tokens = aggregate(
  "tokens",
  "token",
  {
    tokenId: text(200),
    kind: choice(...tokenKinds),
    /** As `hashReference` gives it; null for what carries its own proof. */
    referenceHash: secret("sha256").orNull,
    subject: text(200),
    clientId: text(200),
    scopes: set(200),
    status: choice("valid", "redeemed", "revoked", "expired"),
    issuedAt: instant(),
    expiresAt: instant(),
    redeemedAt: instant().orNull,
    /** Who redeemed it, as they named themselves. */
    redeemedBy: text(200).orNull,
    revokedAt: instant().orNull,
    revokedReason: text(2_000).orNull,
    payload: json(),
  },
  {
    unique: [["tokenId"], ["referenceHash"]],
    indexes: [["subject", "issuedAt"], ["clientId", "issuedAt"], ["expiresAt"]],
  },
);
export interface Token extends AggregateOf<typeof tokens> {}

/** What no longer counts, for those who check tokens offline. */
export const revocations = aggregate(
  "revocations",
  "revocation",
  {
    category: choice("token", "subject", "client", "key"),
    revocationId: text(200),
    subject: text(200).orNull,
    clientId: text(200).orNull,
    tokenKind: choice(...tokenKinds).orNull,
    reason: text(200),
    reasonText: text(2_000).orNull,
    scopes: set(200),
    revokedAt: instant(),
    effectiveAt: instant(),
    /** From then on it need not be told any more. */
    expiresAt: instant().orNull,
    metadata: json(),
  },
  { unique: [["category", "revocationId"]] },
);
export interface Revocation extends AggregateOf<typeof revocations> {}

/** What came of an attempt to log in. */
export const loginAttempts = aggregate(
  "login_attempts",
  "login_attempt",
  {
    subject: text(200),
    userId: id().orNull,
    clientId: text(200).orNull,
    outcome: choice("success", "failure", "locked", "challenged"),
    failureCode: text(100).orNull,
    ip: text(45).orNull,
    userAgent: text(1_000).orNull,
    correlationId: text(200).orNull,
    occurredAt: instant(),
  },
  { indexes: [["subject", "occurredAt"]], appendOnly: true, retain: { by: "occurredAt", least: 30 } },
);
export interface LoginAttempt extends AggregateOf<typeof loginAttempts> {}

/** What may be used, how much of it, and how much has been. */
export const licenses = aggregate(
  "licenses",
  "license",
  {
    licenseKey: text(200),
    tier: text(100),
    features: set(200),
    /** How much of each metric a period allows. What is not named is not licensed. */
    limits,
    validFrom: instant(),
    /** No longer valid from then on. */
    validTo: instant(),
    status: choice("active", "suspended", "revoked"),
    usage: setOf("license_usage", ["metric", "period"], { metric: text(100), period: text(40), used: count() }),
  },
  { unique: [["licenseKey"]] },
);
export interface License extends AggregateOf<typeof licenses> {}
