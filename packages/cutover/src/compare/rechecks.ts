import type { Findings } from "./findings.ts";
import type { Look } from "./judge.ts";
import { recheck, type RecheckOptions } from "./recheck.ts";
import { compareKeys, type Key, type Suspect } from "./record.ts";

/** Keys that are looked at again together, and bytes of them. */
const maxKeys = 100;
const maxBytes = 4 * 1024 * 1024;

/** Collects suspects and looks at them exactly, some at a time, bounded by what they weigh. */
export class Rechecks {
  readonly #options: RecheckOptions;
  readonly #findings: Findings;
  #keys: Key[] = [];
  #bytes = 0;
  lagging = 0;
  /** Rows and documents read here. */
  fetched = 0;

  constructor(options: RecheckOptions, findings: Findings) {
    this.#options = options;
    this.#findings = findings;
  }

  /** What is not `wanted` is passed over. */
  async add(suspects: readonly Suspect[], wanted?: (look: Look) => boolean): Promise<void> {
    for (const { key, bytes } of suspects) {
      if (this.#keys.length > 0 && this.#bytes + bytes > maxBytes) await this.flush(wanted);
      this.#keys.push(key);
      this.#bytes += bytes;
      if (this.#keys.length === maxKeys) await this.flush(wanted);
    }
  }

  async flush(wanted?: (look: Look) => boolean): Promise<void> {
    const keys = this.#keys.toSorted(compareKeys);
    [this.#keys, this.#bytes] = [[], 0];
    if (keys.length === 0) return;
    this.#options.signal?.throwIfAborted();
    const { findings, lagging, fetched } = await recheck(this.#options, keys, wanted);
    this.#findings.add(findings);
    this.lagging += lagging;
    this.fetched += fetched;
  }
}
