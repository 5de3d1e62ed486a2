import { oddKeys, refusal, valueHazards } from "@stellaops/testkit/module";
import { expect } from "vitest";
import { rule } from "../routing/samples.ts";
import { item, throttleLimit } from "../work/samples.ts";
import type { On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = (on: On) => {
  const { both } = on;
  return valueHazards(on, {
    texts: ["name"],
    max: 200,
    nullable: "throttle",
    instants: ["createdAt", "updatedAt"],
    beside: {
      "U+0000 in text or a key": async () => {
        const put = await both(({ rules }) => rules.put(rule({ eventKinds: ["a", "\0"] }), 0n));
        expect(put).toMatchObject({ error: "VALUE_NUL" });
      },
      "−0": async () => {
        const added = await both(async ({ digests }) => {
          const { digestId } = await digests.addItem(item({ item: [-0] }));
          return (await digests.get(digestId))?.items;
        });
        expect(added).toEqual({ value: [[0]] });
      },
      "integers beyond 2^53": async () => {
        const made = throttleLimit({ maxEvents: 2n ** 62n + 1n });
        const read = await both(async ({ throttleConfigs }) => {
          await throttleConfigs.configure(made);
          return throttleConfigs.get(made.id);
        });
        expect(read).toMatchObject({ value: { maxEvents: 4_611_686_018_427_387_905n } });
        const above = throttleLimit({ maxEvents: 2n ** 63n });
        expect(await both(({ throttleConfigs }) => throttleConfigs.configure(above))).toMatchObject(
          refusal("VALUE_OUT_OF_RANGE", "maxEvents"),
        );
      },
      'keys "", "a.b", "$x"': async () => {
        // Appended by a statement of its own.
        const gathered = await both(async ({ digests }) => {
          const one = item({ item: oddKeys });
          await digests.addItem(one);
          const { digestId } = await digests.addItem({ ...one, item: [oddKeys] });
          return (await digests.get(digestId))?.items;
        });
        expect(gathered).toEqual({ value: [oddKeys, [oddKeys]] });
      },
    },
  });
};
