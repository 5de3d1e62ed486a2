import { byBytes, dataError, isId } from "@stellaops/kernel";

/** Whom to tell, so long after the stage before it; of the first, after the start. */
export interface Stage {
  readonly delaySeconds: number;
  /** Sorted, and each once. */
  readonly channelIds: readonly string[];
}

export type Stages = readonly [Stage, ...Stage[]];

/** Where an escalation stands: the stage that is told next, and when. */
export interface Step {
  readonly stage: number;
  readonly nextAt: Date;
}

const maxStages = 50;
const maxDelaySeconds = 31_536_000;

/** The stages of a policy in their one form. @throws `ESCALATION_STAGES` (data) */
export function stagesOf({ stages }: { readonly stages: unknown }): Stages {
  const given: readonly unknown[] = Array.isArray(stages) ? stages : [];
  const [first, ...others] = given.map((stage, i) => stageOf(stage, `stages.${i}`));
  if (first === undefined || given.length > maxStages) throw refusal("stages", `is a list of 1 to ${maxStages} stages`);
  return [first, ...others];
}

export const escalationStart = ([first]: Stages, at: Date): Step => ({ stage: 0, nextAt: after(first, at) });

/** After the given stage was told at `at`; null after the last: nobody is left to be told. */
export function escalationNext(stages: readonly Stage[], stage: number, at: Date): Step | null {
  const next = stages[stage + 1];
  return next === undefined ? null : { stage: stage + 1, nextAt: after(next, at) };
}

const after = ({ delaySeconds }: Stage, at: Date): Date => new Date(at.getTime() + delaySeconds * 1_000);

function stageOf(stage: unknown, path: string): Stage {
  const { delaySeconds, channelIds, ...rest } = (isObject(stage) ? stage : {}) as Partial<Record<keyof Stage, unknown>>;
  const [unknown] = Object.keys(rest);
  if (!isObject(stage) || unknown !== undefined) throw refusal(path, "holds delaySeconds and channelIds, and no more");
  if (!isDelay(delaySeconds)) throw refusal(`${path}.delaySeconds`, `is a whole number from 0 to ${maxDelaySeconds}`);
  if (!isIds(channelIds)) throw refusal(`${path}.channelIds`, "is a list of at least one channel's id");
  return { delaySeconds, channelIds: [...new Set(channelIds)].toSorted(byBytes) };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isDelay = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxDelaySeconds;
const isIds = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === "string" && isId(id));

const refusal = (path: string, what: string) =>
  dataError("ESCALATION_STAGES", `escalation_policy: ${path} ${what}`, { details: { path } });
