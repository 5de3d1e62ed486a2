import type { PolicyRepositories } from "@stellaops/policy";
import { overridden } from "../../overridden.ts";
import type { Sabotages } from "../scene.ts";

export const policy: Sabotages<PolicyRepositories> = {
  "no-profile": {
    breaks: "the version of a profile that is in force is taken out before, in a unit of its own",
    place: "mongo",
    scenes: ["profiles"],
    change: ({ riskProfiles }) => ({
      riskProfiles: overridden(riskProfiles, {
        async activate(activation) {
          const old = await riskProfiles.findActive(activation.profileId);
          if (old !== null) await riskProfiles.put({ ...old, isActive: false }, old.revision).catch(() => null);
          return riskProfiles.activate(activation);
        },
      }),
    }),
  },
  "unheard-activation": {
    breaks: "whoever wants another version of a profile in force is told that it is",
    place: "postgres",
    scenes: ["profiles"],
    change: ({ riskProfiles }) => ({
      riskProfiles: overridden(riskProfiles, {
        async activate(activation) {
          const old = await riskProfiles.findActive(activation.profileId);
          return old === null ? riskProfiles.activate(activation) : { ...old, version: activation.version };
        },
      }),
    }),
  },
};
