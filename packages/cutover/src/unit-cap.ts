/** Milliseconds that a unit may take under a live stage, so that a change of the stage never waits longer than this for a unit. */
export const ordinaryUnitCapMs = 500;

/** `STELLA_UNIT_CAP_MS` is for machines so slow that an ordinary unit takes longer. */
export function defaultUnitCapMs(environment: NodeJS.ProcessEnv = process.env): number {
  const given = Number(environment["STELLA_UNIT_CAP_MS"]);
  return Number.isInteger(given) && given > 0 ? given : ordinaryUnitCapMs;
}
