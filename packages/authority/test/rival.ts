import { codeOf } from "@stellaops/kernel";
import { must, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import { hashReference, type AuthorityRepositories } from "../src/index.ts";
import { license, token, user } from "./samples.ts";

type Context = LoadContext<AuthorityRepositories>;

/** What many processes do to the same token, license and user at the same time; each winning is told. */
export class Rival implements LoadWorker {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async round(): Promise<void> {
    const { on, once, now, seed } = this.#context;
    // All who come within this stretch of time meet on the same things.
    const slot = Math.floor(now().getTime() / 400);
    const id = `01890000-0000-7000-8000-${slot.toString(16).padStart(12, "0")}`;
    const [name, at] = [`slot ${slot}`, now()];
    const far = { expiresAt: new Date("2999-01-01") };
    const referenceHash = hashReference(name);
    await unlessThere(on.tokens.put(token({ id, tokenId: name, referenceHash, ...far }), 0n));
    const { token: won } = await on.tokens.redeemOnce({ referenceHash, by: `rival ${seed}`, at });
    if (won !== null) once(`token ${slot}`);

    const valid = { validFrom: new Date(0), validTo: new Date("2999-01-01"), limits: { scans: 4 } };
    await unlessThere(on.licenses.put(license({ id, licenseKey: name, ...valid }), 0n));
    for (let i = 0; i < 3; i += 1) {
      const consumed = await orNull(
        on.licenses.consume({ licenseKey: name, metric: "scans", period: "", n: 1n, at }),
        "LICENSE_EXHAUSTED",
      );
      if (consumed === null) continue;
      if (consumed.used > 4n || consumed.left < 0n) throw new Error(`${name}: ${consumed.used} of 4 were consumed`);
      once(`license ${slot}/${consumed.used}`);
    }

    await unlessThere(on.users.put(user({ id, username: name, email: null }), 0n));
    const rule = { threshold: 3, lockForMs: 86_400_000 };
    const failed = await on.users.recordFailure({ userId: id }, rule, at);
    if (failed === null) throw new Error(`${name}: the user is gone`);
    once(`failure ${slot}/${failed.failedAttempts}`);
    must(`${name}: locked at the threshold`, failed.status === "locked", failed.failedAttempts >= 3n);
  }
}

/** The answer; null where it was refused for this reason. */
async function orNull<T>(call: Promise<T>, ...codes: readonly string[]): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? "")) return null;
    throw error;
  }
}
const unlessThere = (call: Promise<bigint>): Promise<bigint | null> =>
  orNull(call, "REVISION_CONFLICT", "UNIQUE_VIOLATION");
