import type { AuthorityRepositories } from "@stellaops/authority";
import { overridden } from "../../overridden.ts";
import { each, unless } from "../breaking.ts";
import type { Sabotages } from "../scene.ts";

const tenthUse = each(10);

export const authority: Sabotages<AuthorityRepositories> = {
  "two-winners": {
    breaks: "a token is read first, and given to everyone who has read it as valid",
    place: "mongo",
    scenes: ["redeem"],
    change: ({ tokens }) => ({
      tokens: overridden(tokens, {
        async redeemOnce(redemption) {
          const seen = await tokens.findByReference(redemption.referenceHash);
          const told = await tokens.redeemOnce(redemption);
          return seen?.status === "valid" ? { token: seen, refused: null } : told;
        },
      }),
    }),
  },
  "beyond-limit": {
    breaks: "what is refused because the limit is reached is granted",
    place: "postgres",
    scenes: ["consume"],
    change: ({ licenses }) => ({
      licenses: overridden(licenses, {
        consume: (asked) => licenses.consume(asked).catch(unless("LICENSE_EXHAUSTED", () => ({ used: 60n, left: 0n }))),
      }),
    }),
  },
  "forgotten-use": {
    breaks: "every tenth use of a license is acknowledged and not counted",
    place: "mongo",
    scenes: ["consume"],
    change: ({ licenses }) => ({
      licenses: overridden(licenses, {
        consume: (asked) => (tenthUse() ? Promise.resolve({ used: asked.n, left: 1n }) : licenses.consume(asked)),
      }),
    }),
  },
  "late-lockout": {
    breaks: "a user is locked one failure after the threshold",
    place: "postgres",
    scenes: ["lockout"],
    change: ({ users }) => ({
      users: overridden(users, {
        recordFailure: (user, rule, at) => users.recordFailure(user, { ...rule, threshold: rule.threshold + 1 }, at),
      }),
    }),
  },
};
