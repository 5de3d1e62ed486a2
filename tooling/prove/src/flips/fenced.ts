import type { Backends, StageSource } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { overridden } from "../overridden.ts";

type Backend = Backends["mongo"];

/** Units begin under the stage that was last learned, and do not wait while a change is under way: then the fence refuses them. */
export const hasty = (source: StageSource): StageSource =>
  overridden(source, { begin: () => Promise.resolve(source.current()) });

/** Each unit that its database fences, before the engine hears of it. */
export function whenFenced({ mongo, postgres }: Backends, told: (error: unknown) => void): Backends {
  const tell = (error: unknown): never => {
    if (codeOf(error) === "FENCED") told(error);
    throw error;
  };
  const telling = (backend: Backend): Backend => ({
    single: (access, work) => backend.single(access, work).catch(tell),
    transaction: (access, work) => backend.transaction(access, work).catch(tell),
  });
  return { mongo: telling(mongo), postgres: telling(postgres) };
}
