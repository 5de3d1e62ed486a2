/** Held by nobody: whoever had claimed it is refused from then on. `attempts` stays: with the holder it names a claim, and no two may share a name. */
export const unclaimed = { leaseHolder: null, leaseUntil: null, claimId: null } as const;
