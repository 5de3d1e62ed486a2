import { dataError } from "@stellaops/kernel";

/** Loaded when it is first needed: most processes that open the module never see a password. */
const library = () => import("argon2");

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** argon2id with a salt of its own, in PHC form: what `passwordHash` and `secretHash` take. */
export async function hashPassword(password: string): Promise<string> {
  const { argon2id, hash } = await library();
  return hash(password, { type: argon2id, ...cost });
}

/** In constant time. @throws `HASH_UNKNOWN` (data) for what is no argon2 hash; it never says what was given */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const { verify } = await library();
  try {
    return await verify(phc, password);
  } catch {
    // Without its cause, which may quote what it was given.
    throw dataError("HASH_UNKNOWN", "this is no argon2 hash in PHC form; set a new password");
  }
}

/** Whether it was made otherwise than `hashPassword` makes it today: then it is made anew at the next login. */
export async function needsRehash(phc: string): Promise<boolean> {
  const { needsRehash: outdated } = await library();
  return !phc.startsWith("$argon2id$") || outdated(phc, cost);
}
