import { codeOf } from "@stellaops/kernel";
import { aSource } from "@stellaops/testkit/source";
import type { Vuln } from "@stellaops/vuln";
import type { Answer, Recorder } from "../history/operation.ts";
import type { Random } from "../random.ts";
import type { Key } from "./keys.ts";

/** A caller that reads keys and writes what it has read, as many others do at once, and notes what it was told. */
export class Writer {
  readonly #module: Vuln;
  readonly #recorder: Recorder;
  readonly #random: Random;
  readonly #name: string;
  #made = 0;
  /** Calls that failed with what is no answer to them. */
  readonly failures: string[] = [];

  constructor(module: Vuln, recorder: Recorder, random: Random, name: string) {
    this.#module = module;
    this.#recorder = recorder;
    this.#random = random;
    this.#name = name;
  }

  /** Reads a key and goes on from what it is told; now and then from what it was told is over, which has to be refused. */
  async turn(key: Key): Promise<void> {
    const answer = await this.read(key);
    if (answer.kind === "unknown" || this.#random.chance(0.3)) return;
    const revision = answer.kind === "found" ? answer.revision : 0;
    const expected = revision > 1 && this.#random.chance(0.05) ? revision - 1 : revision;
    if (expected > 0 && this.#random.chance(0.1)) await this.#delete(key, expected);
    else await this.#put(key, expected);
  }

  read(key: Key): Promise<Answer> {
    return this.#recorder.record(
      key.key,
      { kind: "get" },
      () => this.#sources.get(key.id),
      (found) =>
        found === null ? { kind: "nothing" } : { kind: "found", revision: Number(found.revision), content: found.name },
      this.#refusal,
    );
  }

  #put(key: Key, expected: number): Promise<Answer> {
    const content = `${this.#name}-${(this.#made += 1)}`;
    return this.#recorder.record(
      key.key,
      { kind: "put", expected, content },
      () => this.#sources.put(aSource(key.id, { key: key.key, name: content }), BigInt(expected)),
      (revision) => ({ kind: "stored", revision: Number(revision) }),
      this.#refusal,
    );
  }

  #delete(key: Key, expected: number): Promise<Answer> {
    return this.#recorder.record(
      key.key,
      { kind: "delete", expected },
      () => this.#sources.delete(key.id, BigInt(expected)),
      () => ({ kind: "deleted" }),
      this.#refusal,
    );
  }

  readonly #refusal = (error: unknown): Answer => {
    if (codeOf(error) === "REVISION_CONFLICT") return { kind: "conflict" };
    this.failures.push(String(error));
    return { kind: "unknown" };
  };

  get #sources() {
    return this.#module.tenant("acme").sources;
  }
}
