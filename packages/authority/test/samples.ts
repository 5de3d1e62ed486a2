import { manualClock, seededIds } from "@stellaops/kernel";
import type {
  Client,
  License,
  LoginAttempt,
  Revocation,
  Role,
  ScopeDefinition,
  ServiceAccount,
  Tenant,
  Token,
  User,
} from "../src/aggregates.ts";
import { hashReference } from "../src/domain/references.ts";

export const noon = new Date("2026-03-01T12:00:00.000Z");
/** So many days after `noon`. */
export const day = (days: number): Date => new Date(noon.getTime() + days * 86_400_000);
export const seconds = (n: number): Date => new Date(noon.getTime() + n * 1_000);

const ids = seededIds(manualClock(noon), 42);
export const newId = (): string => ids.next();
let made = 0;
/** A text that no other call gives. */
export const fresh = (word: string): string => `${word}-${(made += 1)}`;

const stamps = { createdAt: noon, updatedAt: noon };

/** In the form of a hash; of nothing that anybody could know. */
export const phc = (word: string): string =>
  `$argon2id$v=19$m=19456,p=1,t=2$c2FsdHNhbHRzYWx0$${Buffer.from(hashReference(word)).toString("base64").slice(0, 43)}`;

export const tenant = (over: Partial<Tenant> = {}): Tenant => ({
  id: newId(),
  displayName: "Acme",
  status: "active",
  settings: { locale: "en-US" },
  ...stamps,
  ...over,
});

export const user = (over: Partial<User> = {}): User => ({
  id: newId(),
  username: fresh("Ada"),
  email: `${fresh("Ada")}@Example.org`,
  displayName: "Ada",
  passwordHash: phc("password"),
  status: "active",
  failedAttempts: 0n,
  lockedUntil: null,
  lastLoginAt: null,
  attributes: { team: "core" },
  roles: [],
  ...stamps,
  ...over,
});

export const role = (over: Partial<Role> = {}): Role => ({
  id: newId(),
  name: fresh("role"),
  displayName: "A role",
  description: null,
  scopes: ["policy:read", "scheduler:read"],
  isSystem: false,
  ...stamps,
  ...over,
});

export const serviceAccount = (over: Partial<ServiceAccount> = {}): ServiceAccount => ({
  id: newId(),
  accountId: fresh("account"),
  displayName: "An account",
  allowedScopes: ["policy:read", "policy:write"],
  authorizedClients: ["cli"],
  enabled: true,
  ...stamps,
  ...over,
});

export const client = (over: Partial<Client> = {}): Client => ({
  id: newId(),
  clientId: fresh("client"),
  name: "A client",
  kind: "confidential",
  secretHash: phc("secret"),
  grantTypes: ["authorization_code", "refresh_token"],
  redirectUris: ["https://app.example/callback"],
  allowedScopes: ["policy:read"],
  senderConstraint: "none",
  certificateThumbprints: [],
  enabled: true,
  properties: { a: 1 },
  ...stamps,
  ...over,
});

export const scope = (over: Partial<ScopeDefinition> = {}): ScopeDefinition => ({
  id: newId(),
  name: fresh("scope"),
  description: null,
  resources: ["policy"],
  claims: ["sub"],
  ...stamps,
  ...over,
});

export const token = (over: Partial<Token> = {}): Token => ({
  id: newId(),
  tokenId: fresh("token"),
  kind: "refresh",
  referenceHash: hashReference(fresh("reference")),
  subject: "ada",
  clientId: "cli",
  scopes: ["policy:read"],
  status: "valid",
  issuedAt: noon,
  expiresAt: day(30),
  redeemedAt: null,
  redeemedBy: null,
  revokedAt: null,
  revokedReason: null,
  payload: { nonce: "n" },
  ...stamps,
  ...over,
});

export const revocation = (over: Partial<Revocation> = {}): Revocation => ({
  id: newId(),
  category: "token",
  revocationId: fresh("revocation"),
  subject: "ada",
  clientId: null,
  tokenKind: "refresh",
  reason: "compromised",
  reasonText: null,
  scopes: [],
  revokedAt: noon,
  effectiveAt: noon,
  expiresAt: null,
  metadata: {},
  ...stamps,
  ...over,
});

export const loginAttempt = (over: Partial<LoginAttempt> = {}): LoginAttempt => ({
  id: newId(),
  subject: "ada",
  userId: null,
  clientId: "cli",
  outcome: "failure",
  failureCode: "password",
  ip: "2001:db8::1",
  userAgent: null,
  correlationId: null,
  occurredAt: noon,
  ...stamps,
  ...over,
});

export const license = (over: Partial<License> = {}): License => ({
  id: newId(),
  licenseKey: fresh("license"),
  tier: "team",
  features: ["scan"],
  limits: { scans: 100 },
  validFrom: day(-10),
  validTo: day(355),
  status: "active",
  usage: [],
  ...stamps,
  ...over,
});
