/** One call on one key, as the caller saw it. Begun and ended are numbers of one count that both raise: before and after, without a clock. */
export interface Operation {
  readonly key: string;
  readonly begun: number;
  readonly ended: number;
  readonly call: Call;
  readonly answer: Answer;
}

export type Call =
  /** `expected` 0: created. */
  | { readonly kind: "put"; readonly expected: number; readonly content: string }
  | { readonly kind: "delete"; readonly expected: number }
  | { readonly kind: "get" };

export type Answer =
  | { readonly kind: "stored"; readonly revision: number }
  | { readonly kind: "deleted" }
  | { readonly kind: "found"; readonly revision: number; readonly content: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "conflict" }
  /** It failed in a way that leaves open whether it was stored. */
  | { readonly kind: "unknown" };

export class Recorder {
  readonly operations: Operation[] = [];
  #count = 0;

  async record<T>(
    key: string,
    call: Call,
    work: () => Promise<T>,
    answerOf: (result: T) => Answer,
    refusal: (error: unknown) => Answer,
  ): Promise<Answer> {
    const begun = (this.#count += 1);
    const answer = await work().then(answerOf, refusal);
    this.operations.push({ key, begun, ended: (this.#count += 1), call, answer });
    return answer;
  }
}
