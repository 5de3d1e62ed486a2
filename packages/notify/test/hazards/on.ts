import type { Outcome } from "@stellaops/testkit";
import type { Both } from "@stellaops/testkit/module";
import type { Channel, NotifyRepositories } from "../../src/index.ts";
import { channel } from "../routing/samples.ts";

export interface On extends Both<NotifyRepositories> {
  /** Puts a channel and reads it back, on both. */
  roundTrip(over: Partial<Channel>): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
}

export function channelsOn(on: Both<NotifyRepositories>): On {
  const roundTrip: On["roundTrip"] = (over) => {
    const one = channel(over);
    return on.both(async ({ channels }) => {
      await channels.put(one, 0n);
      return channels.get(one.id);
    });
  };
  return { ...on, roundTrip, json: (value) => roundTrip({ labels: value }) };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });
