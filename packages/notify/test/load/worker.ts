import type { LoadContext, LoadWorker } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { routing } from "../routing/load.ts";
import { Counted } from "../work/counted-load.ts";
import { Sending } from "../work/sending-load.ts";

type Context = LoadContext<NotifyRepositories>;

/** Every verb, as the only writer of its tenant: so it knows what each read must give, and at which revision each row must be stored. */
export class Alone implements LoadWorker {
  readonly #context: Context;
  readonly #sending: Sending;
  readonly #counted: Counted;

  constructor(context: Context) {
    this.#context = context;
    this.#sending = new Sending(context);
    this.#counted = new Counted(context);
  }

  async round(turn: number): Promise<void> {
    await routing(this.#context);
    await this.#sending.round();
    await this.#counted.round(turn);
  }
}
